"""What all tests do with pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["wait_until"]

_POLLING_MS = 20


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
