"""Brings golden and observed transcripts to one form: values that change masked, queries parsed."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

_CHANNEL = re.compile(r"\b[0-9a-f]{32}\b")
_SIGNATURE = re.compile(r"\.[0-9a-f]{40}\b")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")
_HOST = re.compile(r"//[^/]+/")
_CHANGING = {
    "mid": "<mid>",
    "tag": "<tag>",
    "time": "<time>",
    "server_time_unix": "<unix>",
    "server_time_ago": "<seconds>",
}
_CAPTURED_NUMBER = re.compile(r"\b(server_time_unix|server_time_ago): [\d.e-]+")
_ORDER = ("closed", "rest", "ws", "other")


class Normaliser:
    """Numbers the channels of one transcript in the order of their appearance."""

    def __init__(self) -> None:
        self._channels: dict[str, str] = {}

    def transcript(self, transcript: dict[str, Any]) -> dict[str, Any]:
        """The whole, in the order in which it happened."""
        steps = [
            {
                "step": step["step"],
                "page": self._values(step["page"]),
                "server": self._requests(step["server"]),
                "console": [[kind, _captured(text)] for kind, text in step["console"]],
            }
            for step in transcript["steps"]
        ]
        guest = transcript["guest"]
        return {
            "steps": steps,
            "debug_info": self._debug_info(transcript["debug_info"]),
            "local_storage": sorted(transcript["local_storage"]),
            "guest": {
                "server": self._requests(guest["server"]),
                "debug_info": self._debug_info(guest["debug_info"]),
                "local_storage_keys": sorted(guest["local_storage_keys"]),
            },
        }

    def _requests(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Closes, calls, sockets: which of two connections the server notices first is chance."""
        done = [
            {
                key: self._query(value) if key in ("query", "body", "ws") else value
                for key, value in item.items()
            }
            for item in requests
        ]
        return sorted(done, key=lambda item: next(n for n, kind in enumerate(_ORDER) if kind in item))

    def _query(self, query: str) -> dict[str, Any]:
        return {name: _CHANGING.get(name, self._text(values[0])) for name, values in parse_qs(query).items()}

    def _debug_info(self, info: dict[str, Any]) -> dict[str, Any]:
        return {name: self._values(value) for name, value in info.items()}

    def _values(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: _CHANGING.get(key, self._values(item)) for key, item in value.items()}
        if isinstance(value, list):
            return [self._values(item) for item in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        text = _SIGNATURE.sub(".<signature>", text)
        text = _CHANNEL.sub(lambda match: self._number(match.group()), text)
        return _HOST.sub("//<host>/", _ISO.sub("<iso>", text), count=1)

    def _number(self, channel: str) -> str:
        return self._channels.setdefault(channel, f"<channel {len(self._channels) + 1}>")


def _captured(text: str) -> str:
    return _CAPTURED_NUMBER.sub(lambda match: f"{match[1]}: {_CHANGING[match[1]]}", text)
