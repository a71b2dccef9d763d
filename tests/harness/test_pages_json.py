"""bxpull_server.harness: pages whose code has changed what JSON is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bxpull_server.harness import PullHarness, UnreadablePageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext

    from bxpull_server import PushServer
    from bxpull_server.harness import PullEvents, PullUser

REPLACED = "JSON.stringify = () => 'no'; JSON.parse = () => null;"
OLD_LIBRARY = """
    for (const kind of [Array, String, Object]) {
        kind.prototype.toJSON = function () { return "[" + this + "]"; };
    }
"""


@pytest.mark.parametrize("code", [REPLACED, OLD_LIBRARY], ids=["replaced", "old library"])
def test_what_they_are_told_is_read_nevertheless(
    code: str, pull_user: Callable[[int], PullUser], pull_events: PullEvents, own_page: str
) -> None:
    page = pull_user(4).open(own_page)
    page.evaluate("() => { BX.addCustomEvent('onPullEvent-im', () => {}); }")
    pull_user(4).send("im", "message", {"id": 1, "list": [1, "two"]})
    pull_events.settle()
    # Now, for the client itself needs JSON.
    page.evaluate(f"""() => {{
        {code}
        BX.onCustomEvent("onPullEvent-im", ["message", {{ id: 2, list: [1, "two"] }}]);
    }}""")
    event = pull_events.expect_call("onPullEvent-im", params={"id": 2})
    assert event.params == {"id": 2, "list": [1, "two"]}
    assert pull_events.events[0].params == {"id": 1, "list": [1, "two"]}


@pytest.mark.only_browser("chromium")
def test_a_page_that_cannot_be_read_is_named(
    pull_server: PushServer, own_page: str, context: BrowserContext
) -> None:
    page = PullHarness(pull_server).open(context.new_page(), url=own_page)
    other = PullHarness(pull_server)
    page.evaluate("() => { delete window.bxpullRecorder; JSON.stringify = () => 'no'; }")
    other.attach(page)
    with pytest.raises(UnreadablePageError, match=r"user 1: .* answers 'no'.*has replaced JSON\.stringify"):
        _ = other.events.events
