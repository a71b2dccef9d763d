"""Our protobuf encoder and decoder agree with one that others wrote, protobufjs, on every generated batch."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from bxpull_server.errors import FrameError
from bxpull_server.protocol.protobuf import schema
from bxpull_server.protocol.protobuf.coding import decode, encode
from bxpull_server.protocol.protobuf.fields import (
    BOOL,
    BYTES,
    FIXED32,
    STRING,
    UINT32,
    Scalar,
    declared_fields,
)
from tests.conformance.peer.batches import camel, messages, unusual
from tests.conformance.peer.codec import PeerCodec
from tests.server.fuzzing import mutations
from tests.server.test_fuzz_protobuf import REQUESTS, RESPONSES, TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from bxpull_server.protocol.protobuf.fields import Declared

BATCHES = 5_000
"""Generated of each type in a run, in so many parts:"""
PARTS = 5
AT_ONCE = 20
"""Of them in one example: what is around an example costs more than a batch."""

# In Python one class stands for both.
NAMES = {"Receiver": schema.Channel, "ChannelId": schema.Channel} | {
    kind.__name__: kind
    for kind in (
        schema.ChannelStats,
        schema.ChannelStatsRequest,
        schema.ChannelStatsResponse,
        schema.IncomingMessage,
        schema.IncomingMessagesRequest,
        schema.JsonResponse,
        schema.OutgoingMessage,
        schema.OutgoingMessagesResponse,
        schema.Request,
        schema.RequestBatch,
        schema.Response,
        schema.ResponseBatch,
        schema.Sender,
        schema.ServerStatsRequest,
    )
}
SCALARS: dict[Any, str] = {
    BOOL: "bool",
    BYTES: "bytes",
    FIXED32: "fixed32",
    STRING: "string",
    UINT32: "uint32",
}


@pytest.fixture(scope="module")
def peer() -> Iterator[PeerCodec]:
    """The other one, protobufjs, with the client's schema."""
    with PeerCodec() as peer:
        yield peer


def test_the_server_has_the_messages_of_the_clients_schema(peer: PeerCodec) -> None:
    assert peer.messages() == sorted(NAMES)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_message_has_the_fields_of_the_clients_schema(peer: PeerCodec, name: str) -> None:
    ours = [
        {
            "number": declared.number,
            "name": camel(field),
            "kind": _kind(declared),
            "repeated": declared.repeated,
            "oneof": declared.oneof,
        }
        for field, declared in declared_fields(NAMES[name])
    ]
    theirs = [
        field | {"kind": NAMES[field["kind"]].__name__ if field["kind"] in NAMES else field["kind"]}
        for field in peer.fields(name)
    ]
    assert ours == theirs


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("kind", [schema.RequestBatch, schema.ResponseBatch])
def test_every_batch_is_the_same_to_both_in_both_directions(peer: PeerCodec, kind: type, part: int) -> None:
    compared = 0

    @seed(part)
    @settings(
        max_examples=BATCHES // PARTS // AT_ONCE,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        batches=st.lists(messages(kind), min_size=AT_ONCE, max_size=AT_ONCE),
        random=st.randoms(use_true_random=True),
    )
    def compare(batches: list[Any], random: Random) -> None:
        nonlocal compared
        canonical = [encode(batch) for batch in batches]
        assert peer.encode(batches) == canonical
        written_out = peer.encode(batches, defaults=True)
        for frames in (canonical, written_out, [unusual(batch, random) for batch in batches]):
            assert [decode(kind, frame) for frame in frames] == batches
            assert peer.decode(kind, frames) == batches
        compared += len(batches)

    compare()
    assert compared >= BATCHES // PARTS


@pytest.mark.parametrize(
    ("kind", "sound"), [(schema.RequestBatch, REQUESTS), (schema.ResponseBatch, RESPONSES)]
)
def test_a_damaged_batch_is_read_alike_but_for_text_that_is_not_utf_8(
    peer: PeerCodec, kind: type, sound: list[bytes]
) -> None:
    damaged = list(mutations(sound, TOKENS))
    accepted = 0
    for data, theirs in zip(damaged, peer.decode(kind, damaged), strict=True):
        ours = _decoded(kind, data)
        if not isinstance(ours, FrameError):
            assert ours == theirs, data
            accepted += 1
        elif theirs is not None:
            assert "not UTF-8" in str(ours), data
    assert accepted


def _decoded(kind: Any, data: bytes) -> object:
    try:
        return decode(kind, data)
    except FrameError as error:
        return error


def _kind(declared: Declared) -> str:
    if not isinstance(declared.kind, Scalar):
        return declared.kind.__name__
    return "enum" if isinstance(declared.kind.default, IntEnum) else SCALARS[declared.kind]
