"""Checks of single option values; each raises an :class:`OptionsError` that names the option."""

import re

from bxpull_server.errors import OptionsError

_PRINTABLE = re.compile(r"[!-~]*")
_HEADER = re.compile(r"[!-~]([ -~]*[!-~])?")
_SURROGATE = re.compile("[\ud800-\udfff]")


def check_text(option: str, value: object, *, empty: bool = False, secret: bool = False) -> None:
    """A text; an empty one only if ``empty`` says so."""
    if not isinstance(value, str):
        raise OptionsError(option, "must be a text" if secret else f"must be a text, not {value!r}")
    if not (value or empty):
        raise OptionsError(option, "must not be empty")
    if not value.isascii() and _SURROGATE.search(value):  # bytes of the environment that are no text
        raise OptionsError(option, "must be a text in UTF-8")


def check_word(option: str, value: object) -> None:
    """A text that can stand in a URL: printable ASCII without spaces; may be empty."""
    check_text(option, value, empty=True)
    if not _PRINTABLE.fullmatch(str(value)):
        raise OptionsError(option, f"must be printable ASCII without spaces, not {value!r}")


def check_header(option: str, value: object) -> None:
    """A secret that comes in a header: printable ASCII."""
    check_text(option, value, secret=True)
    if not _HEADER.fullmatch(str(value)):
        raise OptionsError(option, "must be printable ASCII, without spaces around it")


def check_flag(option: str, value: object) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise OptionsError(option, f"must be true or false, not {value!r}")


def check_whole(option: str, value: object, low: int, high: int | None = None) -> None:
    """A whole number of a range."""
    wanted = f"a whole number from {low} to {high}" if high is not None else f"a whole number, at least {low}"
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or value < low
        or (high is not None and value > high)
    ):
        raise OptionsError(option, f"must be {wanted}, not {value!r}")


def check_seconds(option: str, value: object, below: float) -> None:
    """Seconds, maybe with a fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < below:
        raise OptionsError(option, f"must be seconds, more than 0 and less than {below:g}, not {value!r}")


def check_known(option: str, problem: str | None) -> None:
    """A value somebody else has looked at: ``problem`` is what is wrong with it."""
    if problem is not None:
        raise OptionsError(option, problem)
