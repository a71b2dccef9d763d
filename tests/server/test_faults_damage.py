"""bxpull_server.faults.damage."""

from random import Random
from typing import Any

import pytest

from bxpull_server.faults import damage
from bxpull_server.protocol.codecs import JSON_RPC, PROTOBUF, TEXT, Frame
from bxpull_server.protocol.jsonrpc import decode_incoming
from bxpull_server.protocol.messages import Message
from bxpull_server.protocol.mids import MidSource
from bxpull_server.protocol.protobuf.frames import decode_frame
from bxpull_server.protocol.text import decode_text

CODECS = pytest.mark.parametrize("codec", [TEXT, PROTOBUF, JSON_RPC], ids=lambda codec: codec.name)
BODY = '{"module_id":"m","command":"c","params":{"text":"#!NGINXNME!# ü"},"extra":{}}'


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - to be repeated, not to be secret


def frames(codec: Any, count: int) -> list[Frame]:
    mids = MidSource()
    return [codec.encode(Message(mids.next(number), "c" * 32, BODY, 1)) for number in range(count)]


def mids_of(codec: Any, message: Any) -> list[Any]:
    if codec is TEXT:
        return [record["mid"] for record in decode_text(message).records]
    if codec is PROTOBUF:
        return [outgoing.id for outgoing in decode_frame(message).messages]
    return [params["mid"] for params in decode_incoming(message).events]


@CODECS
def test_a_message_is_what_it_was_joined_from(codec: Any) -> None:
    for count in (1, 2, 5):
        parts = frames(codec, count)
        assert damage.envelopes(codec, codec.join(parts)) == parts


@pytest.mark.parametrize(
    ("codec", "raw"),
    [
        (TEXT, "no frame"),
        (TEXT, b"\x0a\x01"),
        (TEXT, "#!NGINXNMS!#{}#!NGINXNME!#tail"),
        (PROTOBUF, b"\x0a\x05"),
        (PROTOBUF, "text"),
        (JSON_RPC, "{"),
        (JSON_RPC, b"{}"),
        (JSON_RPC, '{"jsonrpc":"2.0"}'),
    ],
)
def test_what_no_codec_made_stays_whole(codec: Any, raw: Frame) -> None:
    assert damage.envelopes(codec, raw) == [raw]


@CODECS
def test_shuffled_has_the_same_events_in_another_order_and_the_same_seed_the_same(codec: Any) -> None:
    for seed in range(20):
        message = codec.join(frames(codec, 2 + seed % 4))
        before, after = mids_of(codec, message), damage.shuffled(codec, message, seeded(seed))
        assert sorted(mids_of(codec, after)) == sorted(before)
        assert mids_of(codec, after) != before
        assert damage.shuffled(codec, message, seeded(seed)) == after


@CODECS
def test_what_is_cut_is_a_beginning(codec: Any) -> None:
    message = frames(codec, 1)[0]
    for seed in range(20):
        cut = damage.cut(message, seeded(seed))
        assert 0 < len(cut) < len(message)
        assert message[: len(cut)] == cut


def test_garbage_is_damaged_and_harms_nothing_beside_it() -> None:
    for seed in range(20):
        text, protobuf = damage.garbage(TEXT, seeded(seed)), damage.garbage(PROTOBUF, seeded(seed))
        assert isinstance(text, str)
        assert isinstance(protobuf, bytes)
        assert (decode_text(text).records, decode_text(text).damaged) == ((), 1)
        assert (decode_frame(protobuf).messages, decode_frame(protobuf).damaged) == ((), 1)
        garbage = damage.garbage(JSON_RPC, seeded(seed))
        with pytest.raises(ValueError, match=r"JSON|delimiter|Unterminated"):
            decode_incoming(str(garbage))


@CODECS
def test_an_answer_with_garbage_keeps_every_event(codec: Any) -> None:
    message = codec.join(frames(codec, 2))
    noise = damage.garbage_in_answer(codec, seeded(1))
    answer = damage.one_answer(codec, [noise, message, message])
    assert mids_of(codec, answer) == mids_of(codec, message) * 2
