"""The checks behind ``BuildOptions``; each raises an ``OptionError`` that names option, value and fix."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bxpull.errors import OptionError
from bxpull.shorten import cut, shown

_MAX_SAFE_INTEGER = 2**53 - 1
_LONGEST_TIMER = 2**31 - 1
_IDENTIFIER = re.compile(r"[0-9A-Za-z_.-]+")
_BAD_IN_URL = re.compile(r"[\x00-\x20\x7f\\\u0080-\u00a0\u2028\u2029\ud800-\udfff]")
_BAD_IN_BANNER = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_LONGEST_NAME = 40  # Of what is compared with our names to find the nearest.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


def unknown(kind: str, name: str, allowed: Sequence[str]) -> str:
    """The sentence for a name that is not among ``allowed``, with the nearest one."""
    near = difflib.get_close_matches(name[:_LONGEST_NAME].replace("-", "_"), allowed, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"unknown {kind} {shown(name)}{hint} (known: {', '.join(allowed)})"


def choice(option: str, value: object, allowed: Sequence[str]) -> None:
    """``value`` must be one of ``allowed``."""
    if isinstance(value, str) and value in allowed:
        return
    near = (
        difflib.get_close_matches(value[:_LONGEST_NAME].lower(), allowed, n=1)
        if isinstance(value, str)
        else []
    )
    hint = f"; did you mean {near[0]}?" if near else ""
    raise OptionError(option, f"option {option}: {shown(value)} is not one of {', '.join(allowed)}{hint}")


def selection(option: str, value: object, allowed: Sequence[str]) -> tuple[str, ...]:
    """``value`` must be a list with some of ``allowed``; returns them in that order, each once."""
    chosen = _items(option, value, example=allowed[0])
    if not chosen:
        raise OptionError(
            option, f"option {option}: the list is empty; name at least one of {', '.join(allowed)}"
        )
    for item in chosen:
        choice(option, item, allowed)
    return tuple(name for name in allowed if name in chosen)


def boolean(option: str, value: object) -> None:
    """``value`` must be true or false."""
    if not isinstance(value, bool):
        raise OptionError(option, f"option {option}: {shown(value)} is not a boolean; give true or false")


def whole_number(option: str, value: object, *, positive: bool) -> None:
    """``value`` must be None, or a whole number of the given sign that JavaScript holds exactly."""
    if value is None:
        return
    sign = "positive" if positive else "negative"
    example = "5" if positive else "-1"
    if isinstance(value, bool) or not isinstance(value, int):
        raise OptionError(
            option, f"option {option}: {shown(value)} is not a whole number; give one like {example}"
        )
    if abs(value) > _MAX_SAFE_INTEGER:
        raise OptionError(
            option, f"option {option}: {shown(value)} is beyond what JavaScript holds exactly (2^53 - 1)"
        )
    if (value <= 0) if positive else (value >= 0):
        raise OptionError(option, f"option {option}: {value} must be {sign}, like {example}")


def milliseconds(option: str, value: object, *, least: int) -> None:
    """``value`` must be None, or a whole number of milliseconds that a timer of a browser can wait."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int):
        raise OptionError(
            option,
            f"option {option}: {shown(value)} is not a whole number of milliseconds; give one like 5000",
        )
    if not least <= value <= _LONGEST_TIMER:
        raise OptionError(
            option, f"option {option}: {shown(value)} must be from {least} to {_LONGEST_TIMER} milliseconds"
        )


def identifier(option: str, value: object, *, kind: str, longest: int, example: str) -> None:
    """``value`` must be None or a plain id of at most ``longest`` characters."""
    if value is None or (isinstance(value, str) and len(value) <= longest and _IDENTIFIER.fullmatch(value)):
        return
    raise OptionError(
        option,
        f"option {option}: {shown(value)} is not {kind}; "
        f"give 1 to {longest} letters, digits, '_', '.' or '-', like '{example}'",
    )


def url(option: str, value: object) -> None:
    """``value`` must be None, a path, or an http(s) URL that ``fetch`` accepts.

    Messages show no more of it than its scheme: the rest may hold a token.
    """
    if value is None:
        return
    if not isinstance(value, str) or not value:
        raise OptionError(option, f"option {option}: {shown(value)} is not a URL; give one like '/rest/'")
    bad = _BAD_IN_URL.search(value)
    if bad:
        raise OptionError(
            option,
            f"option {option}: character {bad.start() + 1} of the URL is {bad[0]!a}; "
            "write it percent-encoded",
        )
    scheme = _SCHEME.match(value)
    if scheme and scheme[1].lower() not in ("http", "https"):
        raise OptionError(
            option,
            f"option {option}: a URL with {shown(scheme[1])} is refused; "
            "give http:, https: or a path like '/rest/'",
        )
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise OptionError(
            option, f"option {option}: the URL cannot be read ({cut(str(error), 120)})"
        ) from None
    if (scheme or value.startswith("//")) and not host:
        raise OptionError(
            option, f"option {option}: the URL names no host; write it like 'https://portal.example/rest/'"
        )
    if parts.username is not None or parts.password is not None:
        raise OptionError(
            option, f"option {option}: browsers refuse a URL with user and password; remove that part"
        )
    if parts.fragment:
        raise OptionError(option, f"option {option}: a URL's '#' part is never sent; remove it")


def config(option: str, value: object) -> None:
    """``value`` must be None, a mapping, or a path; what is in it is checked when it is read."""
    if value is None or isinstance(value, Mapping):
        return
    path(option, value)


def path(option: str, value: object) -> None:
    """``value`` must be a path that a file system can have."""
    if not isinstance(value, str | Path):
        raise OptionError(option, f"option {option}: {shown(value)} is not a path; give text like 'dist'")
    text = str(value)
    if not text or (isinstance(value, str) and not value.strip()):
        raise OptionError(option, f"option {option}: the path is empty; give text like 'dist'")
    if "\0" in text:
        raise OptionError(
            option, f"option {option}: {shown(text)} has a NUL character, no file can have that name"
        )
    if _SURROGATE.search(text):
        raise OptionError(
            option, f"option {option}: {shown(text)} is not Unicode text; rename the file or folder"
        )


def paths(option: str, value: object) -> tuple[str | Path, ...]:
    """``value`` must be a list of paths; returns it as a tuple."""
    items = _items(option, value, example="page.js")
    for item in items:
        path(option, item)
    return items


def banner(option: str, value: object) -> None:
    """``value`` must be text without control characters."""
    if not isinstance(value, str):
        raise OptionError(option, f"option {option}: {shown(value)} is not text")
    bad = _BAD_IN_BANNER.search(value)
    if bad:
        raise OptionError(
            option,
            f"option {option}: character {bad.start() + 1} is {bad[0]!a}; leave control characters out",
        )


def _items(option: str, value: object, *, example: str) -> tuple[Any, ...]:
    """``value`` must be a list; returns it as a tuple."""
    if isinstance(value, str | bytes | Path) or not isinstance(value, Sequence):
        raise OptionError(
            option, f"option {option}: {shown(value)} is not a list; give one like ['{example}']"
        )
    return tuple(value)


def exclusive(first: str, first_value: object, second: str, second_value: object) -> None:
    """Not both may be given."""
    if first_value is not None and second_value is not None:
        raise OptionError(second, f"options {first} and {second} exclude each other: give one of them")
