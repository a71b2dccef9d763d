"""Just enough of source map version 3 to shift and join maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bxpull.engines.base import SourceMap

__all__ = ["Segment", "decode", "encode", "insert_text", "join"]

Segment = tuple[int, ...]
"""Absolute numbers: (column) or (column, source, line, column) or (column, source, line, column, name)."""

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_DIGITS = {character: value for value, character in enumerate(_ALPHABET)}
_FIELDS = 5


def decode(mappings: str) -> list[list[Segment]]:
    """The segments of each line, in absolute numbers."""
    state = [0] * _FIELDS
    lines = []
    for line in mappings.split(";"):
        state[0] = 0
        segments = []
        for text in line.split(",") if line else ():
            deltas = _read(text)
            for index, delta in enumerate(deltas):
                state[index] += delta
            segments.append(tuple(state[: len(deltas)]))
        lines.append(segments)
    return lines


def encode(lines: Iterable[Sequence[Segment]]) -> str:
    """The opposite of ``decode``."""
    state = [0] * _FIELDS
    out = []
    for segments in lines:
        state[0] = 0
        texts = []
        for segment in segments:
            texts.append("".join(_write(value - state[index]) for index, value in enumerate(segment)))
            state[: len(segment)] = segment
        out.append(",".join(texts))
    return ";".join(out)


def insert_text(source_map: SourceMap, line: int, column: int, grown_by: int) -> SourceMap:
    """The map after the text of 0-based ``line`` grew by some characters at ``column``."""
    lines = decode(source_map["mappings"])
    if line < len(lines):
        lines[line] = [
            (segment[0] + grown_by, *segment[1:]) if segment[0] > column else segment
            for segment in lines[line]
        ]
    return {**source_map, "mappings": encode(lines)}


def join(parts: Iterable[tuple[int, SourceMap | None]], name: str) -> SourceMap:
    """One map for texts put one below the other.

    Args:
        parts: For each text its number of lines and its map, or None if nothing in it is mapped.
        name: File name of the joined text.
    """
    sources: list[str] = []
    contents: list[str | None] = []
    names: list[str] = []
    lines: list[list[Segment]] = []
    for count, part in parts:
        own = decode(part["mappings"])[:count] if part else []
        own += [[] for _ in range(count - len(own))]
        lines += [[_move(segment, len(sources), len(names)) for segment in segments] for segments in own]
        if part:
            sources += part["sources"]
            contents += part.get("sourcesContent") or [None] * len(part["sources"])
            names += part.get("names") or []
    return {
        "version": 3,
        "file": name,
        "sources": sources,
        "sourcesContent": contents,
        "names": names,
        "mappings": encode(lines).rstrip(";"),
    }


def _move(segment: Segment, sources: int, names: int) -> Segment:
    if len(segment) == 1:
        return segment
    return (segment[0], segment[1] + sources, segment[2], segment[3], *(item + names for item in segment[4:]))


def _read(text: str) -> list[int]:
    values, value, shift = [], 0, 0
    for character in text:
        digit = _DIGITS[character]
        value |= (digit & 31) << shift
        if digit & 32:
            shift += 5
            continue
        values.append(-(value >> 1) if value & 1 else value >> 1)
        value = shift = 0
    return values


def _write(value: int) -> str:
    rest = (-value << 1) | 1 if value < 0 else value << 1
    out = ""
    while True:
        digit, rest = rest & 31, rest >> 5
        out += _ALPHABET[digit | 32 if rest else digit]
        if not rest:
            return out
