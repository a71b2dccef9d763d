"""Captures that people give on the command line: a file, or standard input."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bxpull.errors import CaptureInputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bxpull_server.capture.lines import Capture

__all__ = ["read_given"]


def read_given(file: str, modules: Iterable[str], commands: Iterable[str]) -> Capture:
    """The capture that is meant, read whole, and of it the events that are wanted: at least one.

    Args:
        file: Name of the file; ``-`` for standard input.
        modules: Only of these modules; empty: of all.
        commands: Only these commands; empty: all.

    Raises:
        CaptureInputError: It cannot be read or used, or there is no such event in it.
    """
    from bxpull_server.capture.lines import parse_capture, read_capture
    from bxpull_server.errors import CaptureError

    try:
        if file == "-":
            capture = parse_capture(sys.stdin.buffer.read(), "standard input")
        else:
            capture = read_capture(file)
        wanted = capture.only(modules, commands)
        if capture.events and not wanted.events:
            raise CaptureError(
                capture.name, f"none of its {len(capture.events)} events is of that module and command"
            )
        wanted.check_any()
    except CaptureError as error:
        raise CaptureInputError(str(error)) from None
    return wanted
