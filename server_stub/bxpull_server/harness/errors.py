"""What the harness raises.

::

    HarnessError
    ├── ExpectationError   (AssertionError)   what was expected did not come, or came
    ├── HandlerFailedError (AssertionError)   .errors   page code threw, and no test expected it
    ├── SecretShownError   (AssertionError)   .places   a secret of the server can be read by people
    ├── NotConnectedError                     a page's client did not connect
    ├── UnreadablePageError                   page code has broken what the harness reads pages with
    └── CannotInjectError                     this browser's driver cannot put a client into a page
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bxpull_server.harness.recording import HandlerError


class HarnessError(Exception):
    """Base of what the harness raises."""


class ExpectationError(HarnessError, AssertionError):
    """What was expected did not come, or what was not came; the text shows what was seen, nearest first."""


class HandlerFailedError(HarnessError, AssertionError):
    """Handlers of the page threw, or their promises were rejected, and the test did not expect it.

    Attributes:
        errors: All of them.
    """

    def __init__(self, errors: Sequence[HandlerError]) -> None:
        lines = "".join(f"\n  {error.page}: {error}{_indented(error.stack)}" for error in errors)
        super().__init__(
            f"{len(errors)} errors in page code that the test did not expect (expect_error() does):{lines}"
        )
        self.errors = list(errors)


class SecretShownError(HarnessError, AssertionError):
    """A channel id, signature or token can be read where people look. The text does not repeat it.

    Attributes:
        places: Kinds of secrets, as ``channel id``, by place.
    """

    def __init__(self, places: Mapping[str, Sequence[str]]) -> None:
        lines = "".join(f"\n  {place}: {', '.join(kinds)}" for place, kinds in places.items())
        super().__init__(
            f"secrets of the push server were shown (where that is meant, mark the test "
            f'pull_secrets("off")):{lines}'
        )
        self.places = dict(places)


class NotConnectedError(HarnessError):
    """A page's client did not connect; the text says what it and the server know."""


class UnreadablePageError(HarnessError):
    """A page's own code has changed the browser's JSON, before the harness could keep what it needs of it."""


class CannotInjectError(HarnessError):
    """The library that drives the browser cannot run a script before those of a page."""


def _indented(stack: str) -> str:
    return "".join(f"\n      {line.strip()}" for line in stack.splitlines()[:6])
