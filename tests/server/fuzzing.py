"""Real input, mutated, for the tests that look for what a decoder does not expect.

The same seed gives the same cases: ``BXPULL_FUZZ_SEED`` (default 1). Each test gets 1,000 of them, those that
need a socket for each a part of that. ``BXPULL_FUZZ`` is how many all tests together get at least, which are
counted: ``make fuzz N=1000000`` runs that many, from a seed of its own.
"""

import base64
import os
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import Any, TypeVar

TOTAL = int(os.environ.get("BXPULL_FUZZ") or 0)
_TESTS = 27
"""Tests that take ``CASES`` inputs each, without what those with a part of that add."""
CASES = -(-TOTAL // _TESTS) if TOTAL else 1_000
SEED = os.environ.get("BXPULL_FUZZ_SEED") or "1"

SECRETS = ("c0ffee0123456789c0ffee9876543210", "badc0de5badc0de5badc0de5badc0de5")
"""Channel ids for sound input; neither they nor signatures may be in a refusal."""
LONGEST = 0x10000
"""Bytes a mutated input may have."""
MEMORY_PER_BYTE = 400
MEMORY_AT_LEAST = 0x80000
SECONDS = 10.0
"""Of the processor's time: what takes more than its share takes minutes."""

T = TypeVar("T")
# Shorter parts do not tell one id from another.
_PART = 9
_ANY_FORMAT = (
    b"",
    b"\0",
    b"\xff",
    b"\x80" * 10,
    b"\xff\xff\xff\xff\x0f",
    b"\xed\xa0\x80",
    b"\xe2\x80\xa8",
    b"\n",
)


def mutations(inputs: Sequence[bytes], tokens: Sequence[bytes] = (), count: int = CASES) -> Iterator[bytes]:
    """Mutated inputs.

    Args:
        inputs: What is sound; at least one.
        tokens: What has a meaning in the format, to be put anywhere.
        count: How many.
    """
    random = Random(f"{SEED} {inputs[0]!r}")  # noqa: S311 - to be repeated, not to be secret
    for _ in range(count):
        tried.inputs += 1
        data = random.choice(inputs)
        for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
            data = random.choice(_MUTATORS)(data, random, inputs, (*_ANY_FORMAT, *tokens))[:LONGEST]
        yield data


class Tried:
    """Counts the inputs that this process was given."""

    inputs = 0


tried = Tried()
Mutator = Callable[[bytes, Random, Sequence[bytes], Sequence[bytes]], bytes]


def _flip(data: bytes, random: Random, _inputs: Sequence[bytes], _tokens: Sequence[bytes]) -> bytes:
    """One bit is another."""
    start, end = _slice(data, random, longest=1)
    return data[:start] + bytes(byte ^ 1 << random.randrange(8) for byte in data[start:end]) + data[end:]


def _replace(data: bytes, random: Random, _inputs: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    """Something of the format, or nothing, stands in the place of a few bytes."""
    start, end = _slice(data, random, longest=random.choice((0, 1, 4, 64)))
    return data[:start] + random.choice(tokens) + data[end:]


def _cut(data: bytes, random: Random, _inputs: Sequence[bytes], _tokens: Sequence[bytes]) -> bytes:
    """The end is missing, or the beginning."""
    place = random.randint(0, len(data))
    return data[:place] if random.random() < 0.7 else data[place:]


def _repeat(data: bytes, random: Random, _inputs: Sequence[bytes], _tokens: Sequence[bytes]) -> bytes:
    """A part comes several times."""
    start, end = _slice(data, random, longest=random.choice((1, 8, len(data))))
    times = min(random.choice((2, 3, 50, 1000)), LONGEST // (end - start or 1) + 1)
    return data[:start] + data[start:end] * times + data[end:]


def _splice(data: bytes, random: Random, inputs: Sequence[bytes], _tokens: Sequence[bytes]) -> bytes:
    """A part of another input is in it."""
    other = random.choice(inputs)
    start, end = _slice(other, random, longest=len(other))
    place = random.randint(0, len(data))
    return data[:place] + other[start:end] + data[place:]


def _slice(data: bytes, random: Random, *, longest: int) -> tuple[int, int]:
    start = random.randint(0, len(data))
    return start, min(len(data), start + random.randint(min(1, longest), longest))


_MUTATORS: tuple[Mutator, ...] = (_flip, _replace, _replace, _cut, _repeat, _splice)


def as_text(data: bytes) -> str:
    """What a WebSocket library or HTTP server makes of such bytes where it hands on text."""
    return data.decode("utf-8", "replace")


def decode_all(
    decoder: Callable[[bytes], T],
    inputs: Iterable[bytes],
    refusals: type[Exception] | tuple[type[Exception], ...] = (),
    check: Callable[[bytes, T], None] | None = None,
    secrets: Sequence[str] = SECRETS,
) -> int:
    """Decode every input and check what was accepted.

    Fails, naming the input, if another exception than ``refusals`` comes out, a refusal shows a part of a
    secret, an input takes more time or memory than its size allows, or ``check`` fails.

    Args:
        decoder: What to test.
        inputs: What to give it.
        refusals: What it may raise.
        check: Gets each input that was accepted and the result.
        secrets: What no refusal may show.

    Returns:
        How many inputs were accepted.
    """
    parts = {secret[at : at + _PART] for secret in secrets for at in range(len(secret) - _PART + 1)}
    accepted = 0
    tracemalloc.start()
    try:
        for number, data in enumerate(inputs):
            try:
                result = _measured(decoder, data, refusals, parts)
                if result is not None:
                    accepted += 1
                    if check is not None:
                        check(data, result)
            except Exception as error:
                shown = base64.b64encode(data).decode()
                raise AssertionError(f"case {number} of seed {SEED}, in base64: {shown}") from error
    finally:
        tracemalloc.stop()
    return accepted


def _measured(decoder: Callable[[bytes], T], data: bytes, refusals: Any, secrets: set[str]) -> T | None:
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    started = time.thread_time()
    result, refusal = None, ""
    try:
        result = decoder(data)
    except refusals as error:
        refusal = str(error)
    taken = time.thread_time() - started
    _, peak = tracemalloc.get_traced_memory()
    assert taken < SECONDS, f"it took {taken:.1f} s"
    used = peak - before
    assert used <= MEMORY_AT_LEAST + MEMORY_PER_BYTE * len(data), f"{len(data)} bytes became {used}"
    assert len(refusal) < 300, f"the refusal is no sentence: {refusal}"
    shown = {refusal[at : at + _PART] for at in range(len(refusal))} & secrets
    assert not shown, f"the refusal shows a part of a secret: {refusal}"
    return result
