"""bxpull_server.protocol.publish_batch."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxpull_server.errors import PublishRefusedError
from bxpull_server.protocol.channels import Signer
from bxpull_server.protocol.messages import Sender
from bxpull_server.protocol.protobuf.coding import encode
from bxpull_server.protocol.protobuf.schema import (
    Channel,
    ChannelStatsRequest,
    IncomingMessage,
    IncomingMessagesRequest,
    Request,
    RequestBatch,
    ServerStatsRequest,
)
from bxpull_server.protocol.protobuf.schema import Sender as SenderMessage
from bxpull_server.protocol.publications import Publication
from bxpull_server.protocol.publish_batch import (
    Publish,
    TellChannels,
    TellServer,
    read_backend_batch,
    read_browser_batch,
)
from bxpull_server.protocol.receivers import PublicReceivers, TrustedReceivers

SIGNER = Signer("key")
BROWSER = PublicReceivers(SIGNER, lambda _channel: None)
BACKEND = TrustedReceivers(SIGNER)
A, B = "a" * 32, "b" * 32
EVENT = '{"module_id":"m","command":"c","params":{}}'


def public(channel: str) -> Channel:
    return Channel(bytes.fromhex(channel), signature=bytes.fromhex(SIGNER.signature(f"public:{channel}")))


def private(channel: str) -> Channel:
    return Channel(bytes.fromhex(channel), is_private=True)


def message(*receivers: Channel, body: str = EVENT, **values: Any) -> IncomingMessage:
    return IncomingMessage(receivers or (public(A),), body=body, **values)


def publish(*messages: IncomingMessage) -> Request:
    return Request(IncomingMessagesRequest(messages))


def batch(*requests: Request) -> bytes:
    return encode(RequestBatch(requests))


STATISTICS = Request(channel_stats=ChannelStatsRequest((private(A),)))
SERVER = Request(server_stats=ServerStatsRequest())


def test_a_browser_is_a_client_whatever_it_says_it_is() -> None:
    said = message(public(A), public(B), expiry=60, sender=SenderMessage(Sender.BACKEND))
    (asked,) = read_browser_batch(batch(publish(said)), BROWSER)
    assert asked.publications == (Publication(EVENT, (A, B), expiry=60, sender=Sender.CLIENT),)


def test_without_an_expiry_an_event_is_kept_for_a_day_and_with_zero_not_at_all() -> None:
    (asked,) = read_browser_batch(batch(publish(message(), message(expiry=0))), BROWSER)
    assert [publication.expiry for publication in asked.publications] == [86_400, 0]


def test_a_back_end_may_ask_for_several_things_at_once() -> None:
    data = batch(publish(message(private(A))), STATISTICS, publish(message(private(B))), SERVER)
    assert read_backend_batch(data, BACKEND) == (
        Publish((Publication(EVENT, (A,)),)),
        TellChannels(((A, True),)),
        Publish((Publication(EVENT, (B,)),)),
        TellServer(),
    )


@pytest.mark.parametrize(
    ("named", "sender"),
    [
        (None, Sender.BACKEND),
        (SenderMessage(), Sender.BACKEND),
        (SenderMessage(Sender.CLIENT), Sender.CLIENT),
    ],
)
def test_a_back_end_may_name_the_sender(named: SenderMessage | None, sender: Sender) -> None:
    (asked,) = read_backend_batch(batch(publish(message(sender=named))), BACKEND)
    assert isinstance(asked, Publish)
    assert asked.publications[0].sender is sender


def test_a_receiver_named_twice_gets_the_event_once() -> None:
    (asked,) = read_browser_batch(batch(publish(message(public(A), public(A)))), BROWSER)
    assert asked.publications[0].channels == (A,)


many = tuple(public(f"{number:032x}") for number in range(101))

REFUSED_TO_BOTH = [
    (b"\x0a\x05", 4013, "cut off"),
    (batch(publish(message(body="not json"))), 4013, "message 1: the body is not JSON"),
    (batch(publish(message(), message(body="[]"))), 4013, "message 2: the body must be a JSON object"),
    (batch(publish(message()), publish(message(body="{}"))), 4013, "message 2: the event has no module_id"),
    (b"", 4015, "no command"),
    (batch(publish(message()), Request()), 4015, "no command"),
    (b"\x0a\x02\x22\x00", 4015, "no command"),
    (batch(publish()), 4015, "holds no messages"),
    (batch(*[publish(message())] * 51, publish(*[message()] * 50)), 4016, "has 101 messages: at most 100"),
    (batch(publish(message(), IncomingMessage(body=EVENT))), 4017, "message 2 has no receivers"),
    (batch(publish(message(*many))), 4018, "names 101 channels: at most 100"),
    (batch(publish(message(*many[:60]), message(*many[40:]))), 4018, "names 101 channels: at most 100"),
    (batch(publish(message(Channel(b"x")))), 4019, "is no channel id"),
    (batch(publish(message(Channel(bytes(16), signature=b"x")))), 4021, "wrong signature"),
]


@pytest.mark.parametrize(("data", "code", "problem"), REFUSED_TO_BOTH)
def test_bad_requests_are_refused_whole_with_code_and_sentence(data: bytes, code: int, problem: str) -> None:
    for read, receivers in ((read_browser_batch, BROWSER), (read_backend_batch, BACKEND)):
        with pytest.raises(PublishRefusedError, match=problem) as refusal:
            read(data, receivers)
        assert refusal.value.close_code == code


@pytest.mark.parametrize(
    ("data", "code", "problem"),
    [
        (batch(publish(message()), STATISTICS), 4014, "statistics are for back ends"),
        (batch(SERVER), 4014, "statistics are for back ends"),
        (batch(publish(message(private(A)))), 4020, "is no public id"),
        (batch(publish(message(Channel(bytes(16))))), 4021, "has no signature"),
    ],
)
def test_browsers_may_do_less(data: bytes, code: int, problem: str) -> None:
    with pytest.raises(PublishRefusedError, match=problem) as refusal:
        read_browser_batch(data, BROWSER)
    assert refusal.value.close_code == code


@pytest.mark.parametrize(
    ("statistics", "code"), [(ChannelStatsRequest(), 4017), (ChannelStatsRequest(many), 4018)]
)
def test_statistics_are_limited_too(statistics: ChannelStatsRequest, code: int) -> None:
    with pytest.raises(PublishRefusedError) as refusal:
        read_backend_batch(batch(Request(channel_stats=statistics)), BACKEND)
    assert refusal.value.close_code == code


def test_exactly_as_much_as_is_allowed_is_taken() -> None:
    (asked,) = read_browser_batch(batch(publish(*[message(*many[:100])] * 100)), BROWSER)
    assert len(asked.publications) == 100


@given(st.binary())
def test_any_bytes_are_read_or_refused_with_a_documented_code(data: bytes) -> None:
    code = 4013
    try:
        read_browser_batch(data, BROWSER)
    except PublishRefusedError as error:
        code = error.close_code
    assert 4013 <= code <= 4021


def test_channels_are_not_shown() -> None:
    assert A not in repr(TellChannels(((A, True),)))
