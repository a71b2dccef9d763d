"""JSON that people give on the command line: as it is, from a file, or from standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

from bxpull.errors import JsonError
from bxpull.shorten import cut

__all__ = ["read_json"]


def read_json(name: str, given: str) -> Any:
    """The value that is meant.

    Args:
        name: What it is for, in messages.
        given: JSON text; or ``@`` and the name of a file with it; or ``-`` for standard input.

    Raises:
        JsonError: It cannot be read, or is not JSON.
    """
    if given == "-":
        return _parsed(f"{name} from standard input", sys.stdin.buffer.read())
    if given.startswith("@"):
        name = f"{name} from {cut(given[1:])}"
        try:
            return _parsed(name, Path(given[1:]).read_bytes())
        except OSError as error:
            raise JsonError(name, f"cannot be read: {error.strerror or error}") from None
    return _parsed(name, given.encode("utf-8", "surrogateescape"), hint=_shell_hint(given))


def _parsed(name: str, data: bytes, hint: str = "") -> Any:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise JsonError(name, f"is not UTF-8 text (byte {error.start + 1})") from None
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise JsonError(name, f"is not JSON{hint}: {error.msg}", error.lineno, error.colno, text) from None
    except ValueError as error:
        constant = isinstance(error, _ConstantError)
        raise JsonError(name, str(error) if constant else "has a number too long to read") from None
    except RecursionError:
        raise JsonError(name, "is nested too deeply") from None


class _ConstantError(ValueError):
    pass


def _no_constant(name: str) -> NoReturn:
    raise _ConstantError(f"{name} is no JSON value; write null, or a number")


def _shell_hint(given: str) -> str:
    """Shells take quotation marks away that are not quoted themselves."""
    return " (quote it for the shell: '{\"a\": 1}')" if "{" in given and '"' not in given else ""
