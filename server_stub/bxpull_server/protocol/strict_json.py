"""JSON as every peer understands it: nothing is read that could not be written again."""

import json
import math
from typing import Any, NoReturn


def load_json(text: str | bytes) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: Not JSON, NaN or infinite, too large a number, or nested too deeply; says which.
    """
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "surrogatepass")
    elif text.startswith("\ufeff"):
        raise json.JSONDecodeError("Unexpected byte order mark", text, 0)
    try:
        return _decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _decode(text: str) -> Any:
    # Most are compact objects: to look for white space around those takes a good part of the time.
    if text.startswith("{"):
        found, end = _DECODER.raw_decode(text)
        if end == len(text):
            return found
    return _DECODER.decode(text)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


# json.loads would make one for every text.
_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
