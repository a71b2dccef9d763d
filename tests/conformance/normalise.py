"""Brings golden and observed transcripts to one form: values that change masked, queries parsed."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs

_CHANNEL = re.compile(r"\b[0-9a-f]{32}\b")
_SIGNATURE = re.compile(r"\.[0-9a-f]{40}\b")
_TOKEN = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")
_HOST = re.compile(r"//[^/]+/")
_MID = re.compile(r"\b\d{26}\b")
_CHANGING = {
    "mid": "<mid>",
    "tag": "<tag>",
    "time": "<time>",
    "server_time_unix": "<unix>",
    "server_time_ago": "<seconds>",
}
_CAPTURED_NUMBER = re.compile(r"\b(server_time_unix|server_time_ago): [\d.e-]+")
# A receiver in a protobuf frame: 16 bytes of a channel id, then 20 of its signature.
_RECEIVER = re.compile(r"0a10([0-9a-f]{32})1a14([0-9a-f]{40})")
_ORDER = ("closed", "rest", "ws", "lp", "sent_hex", "sent_text", "other")
_QUERIES = ("query", "body", "ws", "lp")


class Normaliser:
    """Numbers the channels of one transcript in the order of their appearance."""

    def __init__(self) -> None:
        self._channels: dict[str, str] = {}

    def transcript(self, transcript: dict[str, Any]) -> dict[str, Any]:
        """The whole, in the order in which it happened."""
        self._learn(transcript["steps"])
        for channel in transcript.get("channels", ()):  # the user's own ones, which have the first numbers
            self._number(channel)
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

    def _learn(self, steps: list[dict[str, Any]]) -> None:
        """The golden server noted the masked channels of each frame, whose bytes have the ids themselves."""
        requests = [item for step in steps for item in step["server"]]
        ids = [id_ for item in requests for id_, _ in _RECEIVER.findall(item.get("sent_hex", ""))]
        names = [item["publish"] for item in requests if "publish" in item]
        if names:
            self._channels.update(zip(ids, names, strict=True))

    def _requests(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Closes, calls, connections, frames: which of two connections is noticed first is chance."""
        done = [
            {
                key: self._query(value) if key in _QUERIES else self._values(value)
                for key, value in item.items()
            }
            for item in comparable(requests)
        ]
        ordered = sorted(done, key=lambda item: next(n for n, kind in enumerate(_ORDER) if kind in item))
        return _without_repeated_polls(ordered)

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
        text = _RECEIVER.sub(lambda match: f"[{self._number(match[1])}.<signature>]", text)
        text = _MID.sub("<mid>", _TOKEN.sub("<jwt>", _SIGNATURE.sub(".<signature>", text)))
        text = _CHANNEL.sub(lambda match: self._number(match.group()), text)
        return _HOST.sub("//<host>/", _ISO.sub("<iso>", text), count=1)

    def _number(self, channel: str) -> str:
        return self._channels.setdefault(channel, f"<channel {len(self._channels) + 1}>")


def comparable(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without what is chance, or a note of the server that was watched with.

    A pong answers a ping that may fall into any step, and ``publish`` repeats a frame's content.
    """
    return [item for item in requests if item.get("sent_text") != "pong" and "publish" not in item]


def milestones(requests: list[dict[str, Any]]) -> int:
    """How many things reached the server, polls in a row counted once: how often one is renewed is chance."""
    kinds = [_poll(item) for item in comparable(requests)]
    return sum(not kind or kind != before for before, kind in pairwise(["", *kinds]))


def _poll(item: dict[str, Any]) -> str:
    """The names of a poll's parameters; nothing for other requests."""
    return " ".join(sorted(parse_qs(item["lp"]))) if "lp" in item else ""


def _without_repeated_polls(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        item
        for number, item in enumerate(requests)
        if number == 0 or "lp" not in item or item != requests[number - 1]
    ]


def _captured(text: str) -> str:
    return _CAPTURED_NUMBER.sub(lambda match: f"{match[1]}: {_CHANGING[match[1]]}", text)
