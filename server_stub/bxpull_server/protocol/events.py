"""Events: building them as the portal does, checking them as the push server does."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bxpull_server.errors import EventError, QueryError
from bxpull_server.protocol.messages import MAX_EXPIRY_S
from bxpull_server.protocol.strict_json import load_json
from bxpull_server.quoting import quoted

Params = Mapping[str, Any] | Sequence[Any]

_MODULE_ID = re.compile(r"[a-z0-9._]+")
_COMMAND = re.compile(r"[0-9A-Za-z_:|.-]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
# json.dumps would make one for every value.
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_LINE_BREAKS = str.maketrans({"\n": " ", "\r": " "})

# A refusal is a sentence, whatever it was about.
_LONGEST_SHOWN = 10**20


def dump_json(value: object) -> str:
    """Compact JSON; lone surrogates are escaped, so that the text can always be sent as UTF-8.

    Raises:
        TypeError, ValueError, RecursionError: Not representable (NaN and infinities included).
    """
    text = _ENCODER.encode(value)
    if text.isascii():
        return text
    return _SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def make_event(module_id: str, command: str, params: Params | None, extra: Mapping[str, Any]) -> str:
    """An event as the portal publishes it, as JSON text.

    Args:
        module_id: Any case; published in lower case.
        command: Letters, digits and ``_ : | . -``.
        params: A mapping; or an empty list, which stays ``[]`` as PHP sends an empty array. None: ``[]``.
        extra: Goes out as it is.

    Raises:
        EventError: Names the part that is wrong.
    """
    module_id = _checked_name("module_id", module_id).lower()
    if not _MODULE_ID.fullmatch(module_id):
        raise EventError("module_id", f"{quoted(module_id)} must consist of letters, digits, '.' and '_'")
    if not _COMMAND.fullmatch(_checked_name("command", command)):
        raise EventError(
            "command", f"{quoted(command)} must consist of letters, digits and the signs _ : | . -"
        )
    if params is None:
        params = []
    if isinstance(params, Mapping):
        params = dict(params)
    elif not isinstance(params, list | tuple) or params:
        raise EventError("params", f"must be a mapping (or an empty list), not {_described(params)}")
    params_json = _field_json("params", params)
    extra_json = _field_json("extra", dict(extra))
    # Both names are plain ASCII without anything to escape: the patterns above say so.
    return f'{{"module_id":"{module_id}","command":"{command}","params":{params_json},"extra":{extra_json}}}'


def parse_event(body: bytes) -> str:
    """An event as a back end posts it: checked, and brought onto one line; otherwise left as it is.

    Raises:
        QueryError: Empty, not UTF-8, not JSON, not an object, or without ``module_id``.
    """
    if not body.strip():
        raise QueryError("the body is empty: send the event as JSON")
    try:
        text = body.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise QueryError(
            f"the body is not UTF-8 (byte {error.start}): send the event as JSON in UTF-8"
        ) from None
    try:
        event = load_json(text)
    except ValueError as error:
        raise QueryError(f"the body is not JSON: {_json_problem(error)}") from None
    check_event(event)
    # Inside strings JSON allows no raw line break, so every one of them is white space between tokens.
    return (text.translate(_LINE_BREAKS) if "\n" in text or "\r" in text else text).strip()


def check_event(event: object) -> None:
    """Check an event that was JSON.

    Raises:
        QueryError: Not an object, or without ``module_id``.
    """
    if not isinstance(event, dict):
        raise QueryError("the body must be a JSON object with module_id, command and params")
    module_id = event.get("module_id")
    if not isinstance(module_id, str) or not module_id:
        raise QueryError("the event has no module_id: give the module's name as a string")


def check_expiry(expiry: object) -> int:
    """``expiry`` if it is a number of seconds the protocol can carry.

    Raises:
        EventError: It is not.
    """
    if isinstance(expiry, bool) or not isinstance(expiry, int) or not 0 <= expiry <= MAX_EXPIRY_S:
        raise EventError(
            "expiry", f"must be whole seconds from 0 to {MAX_EXPIRY_S}, not {_described(expiry)}"
        )
    return expiry


def _checked_name(field: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise EventError(field, f"must be a string that is not empty, not {_described(value)}")
    return value


def _field_json(field: str, value: object) -> str:
    try:
        return dump_json(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise EventError(field, f"cannot be sent as JSON: {error}") from None


def _described(value: object) -> str:
    if isinstance(value, int) and abs(value) > _LONGEST_SHOWN:
        return "a number with so many digits"
    if isinstance(value, bool | int | float):
        return repr(value)
    return f"a value of type {type(value).__name__}" if value not in ("", None) else repr(value)


def _json_problem(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    return str(error)
