"""What pages hand over when they are left or closed, for then nobody can ask them any more.

A page posts it to the test's own server, with the last of its life. Its errors it posts at once, too: whoever
ends a browser context gives pages no time for anything. In Firefox, where that last request may be lost, it
also posts what it has when it is about to go.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bxpull_server.harness.bundle import FOLDER
from bxpull_server.harness.steps import Blocking
from bxpull_server.inbox import MAX_BODY, Inbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from bxpull_server import PushServer
    from bxpull_server.harness.steps import Steps

_WAIT_S = 2.0
"""How long it is waited for the last of what a page that was left hands over: in Firefox it may be lost."""
_TURN_S = 0.02


class Handover:
    """What the pages of a test have handed over.

    Args:
        server: Takes it in.
    """

    def __init__(self, server: PushServer) -> None:
        self._server = server
        self._inbox = Inbox(f"{FOLDER}/handover")
        self._is_open = False
        # Name of a tab: who takes what its pages have handed over.
        self._takers: dict[str, Callable[[dict[str, Any]], None]] = {}
        self._left: set[str] = set()

    def add(self, tab: str, take: Callable[[dict[str, Any]], None]) -> None:
        """Give ``take`` what pages of this tab hand over from now on."""
        if not self._is_open:
            self._server.add_inbox(self._inbox)
            self._is_open = True
        self._takers[tab] = take

    def home(self, tab: str) -> dict[str, Any]:
        """What a page of this tab has to know: where to post, as who, and how many bytes at the most."""
        return {"url": f"{self._server.url}{self._inbox.path}", "tab": tab, "most": MAX_BODY}

    def deliver(self) -> None:
        """Give everybody what is there."""
        for body in self._inbox.take():
            with suppress(ValueError, TypeError, KeyError):  # of whoever else knows the path
                given = json.loads(body)
                self._takers[given["tab"]](given)
                if given["isLast"]:
                    self._left.add(given["page"])

    def wait_for(self, document: str, pump: Callable[[], Steps[None]]) -> Steps[None]:
        """Return once a page has handed over the last of it; or when it does not look as if it will.

        Args:
            document: The page's id.
            pump: Lets the library that drives the browser do what requests wait for, such as routes.
        """
        end = time.monotonic() + _WAIT_S
        self.deliver()
        while document not in self._left and time.monotonic() < end:
            yield Blocking(lambda: self._inbox.wait(_TURN_S))
            yield from pump()
            self.deliver()
