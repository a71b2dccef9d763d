"""What pages of tests have in them."""

HANDLER = (
    "BX.addCustomEvent('onPullEvent-im', function app(command, { id }) { document.title = command + id; });"
)
"""Shows the event in the title, by a handler named ``app``."""
