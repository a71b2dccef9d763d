"""What all tests do with pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page

__all__ = ["VISIBLE", "Printed", "wait_until"]

_POLLING_MS = 20
# What browsers themselves say of a socket or request that fails, with its address: nothing can hinder it.
_BROWSERS_OWN = re.compile(r"(connection to|server at) wss?://|Same Origin Policy disallows reading")
VISIBLE = (
    "[document.body && document.body.innerText, window.BX && BX.PULL && BX.PULL.getDebugInfo"
    " && JSON.stringify(BX.PULL.getDebugInfo())].join()"
)
"""What of a page people may look at, its console apart: its texts, the debug info."""


class Printed:
    """What the scripts of a page have printed and thrown, and not the browser, which names whole addresses.

    Args:
        page: Which.
    """

    def __init__(self, page: Page) -> None:
        self._texts: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self._texts.append(error.message))

    def text(self) -> str:
        """All of it so far."""
        return "\n".join(text for text in self._texts if not _BROWSERS_OWN.search(text))

    def _note(self, message: ConsoleMessage) -> None:
        if message.args:
            self._texts.append(message.text)


def wait_until(page: Page, expression: str, argument: Any = None, *, timeout_ms: float | None = None) -> None:
    """Waits until a JavaScript expression, or a function of ``argument``, is truthy.

    Args:
        page: Where.
        expression: What.
        argument: Handed to the function.
        timeout_ms: For how long; None: as long as the page's other waits.

    Raises:
        playwright.sync_api.TimeoutError: If it does not come true.
    """
    # Not by animation frames, as is usual: a page behind another one may have none.
    page.wait_for_function(expression, arg=argument, timeout=timeout_ms, polling=_POLLING_MS)
