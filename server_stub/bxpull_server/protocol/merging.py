"""What is added to an event's params: beside the body where the format can say so, else merged into it."""

import json
import re
from collections.abc import Mapping
from typing import Any

from bxpull_server.errors import EventError
from bxpull_server.protocol.events import dump_json
from bxpull_server.protocol.messages import Message

MAX_NESTING = 100
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_BRACKET = re.compile(r"[][{}]")


def additions_json(field: str, additions: Mapping[str, Any]) -> str:
    """Additions as JSON text.

    Raises:
        EventError: Names ``field``: not a mapping, not representable, or nested too deeply to be merged.
    """
    if not isinstance(additions, Mapping):
        raise EventError(field, "must be a mapping")
    try:
        text = dump_json(dict(additions))
    except (TypeError, ValueError, RecursionError) as error:
        raise EventError(field, f"cannot be sent as JSON: {error}") from None
    check_nesting(field, text)
    return text


def check_nesting(field: str, text: str) -> None:
    """Refuse JSON text that is nested too deeply to be taken apart wherever it is merged.

    Raises:
        EventError: Names ``field``.
    """
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_NESTING:
            raise EventError(
                field, f"is nested deeper than {MAX_NESTING} levels, so nothing can be added to it"
            )


def merged_body(message: Message) -> str:
    """The body with the dictionary and then the user's own params merged into ``params``."""
    if message.dictionary is None and message.user_params is None:
        return message.body
    additions = [text for text in (message.dictionary, message.user_params) if text is not None]
    event = json.loads(message.body)
    params = event.get("params")
    merged = dict(params) if isinstance(params, dict) else {}  # PHP sends an empty one as []
    for text in additions:
        merged.update(json.loads(text))
    return dump_json({**event, "params": merged})
