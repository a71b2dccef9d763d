"""Damaged requests of publishers: refused with a sentence or read, never anything else."""

import json
from typing import Any

import pytest

from bxpull_server.errors import JsonRpcError, PublishRefusedError
from bxpull_server.protocol.channels import Signer, is_channel_id
from bxpull_server.protocol.close_codes import CloseCode
from bxpull_server.protocol.jsonrpc import Request, parse_calls
from bxpull_server.protocol.messages import MAX_EXPIRY_S, Sender
from bxpull_server.protocol.protobuf.coding import encode
from bxpull_server.protocol.protobuf.schema import Channel, ChannelStatsRequest, IncomingMessage, RequestBatch
from bxpull_server.protocol.protobuf.schema import IncomingMessagesRequest as Messages
from bxpull_server.protocol.protobuf.schema import Request as BatchRequest
from bxpull_server.protocol.protobuf.schema import Sender as BatchSender
from bxpull_server.protocol.publications import DEFAULT_LIMITS, Publication
from bxpull_server.protocol.publish_batch import (
    Command,
    Publish,
    TellChannels,
    read_backend_batch,
    read_browser_batch,
)
from bxpull_server.protocol.publish_rpc import (
    check_limits,
    read_backend_publish,
    read_last_seen,
    read_publish,
)
from bxpull_server.protocol.receivers import PublicReceivers, Receivers, TrustedReceivers
from tests.server.fuzzing import SECRETS, decode_all, mutations
from tests.server.test_fuzz_protobuf import EVENT, TOKENS
from tests.server.test_fuzz_text import JSON_TOKENS

SIGNER = Signer("the key of this test")
SIGNED = [SIGNER.sign_public(one) for one in SECRETS]
PUBLIC = PublicReceivers(SIGNER, lambda _channel: None)
TRUSTED = TrustedReceivers(SIGNER)


def batch(*requests: BatchRequest) -> bytes:
    return encode(RequestBatch(requests))


def publish(*receivers: Channel) -> BatchRequest:
    return BatchRequest(Messages((IncomingMessage(receivers, BatchSender(), EVENT, 0, "chat"),) * 2))


def channel(signed: str) -> Channel:
    name, _, signature = signed.partition(".")
    return Channel(bytes.fromhex(name), signature=bytes.fromhex(signature))


BROWSER = [
    batch(publish(*map(channel, SIGNED))),
    batch(publish(channel(SIGNED[0])), publish(channel(SIGNED[1]))),
]
ASKED = ChannelStatsRequest(tuple(Channel(bytes.fromhex(one), is_private=True) for one in SECRETS))
BACKEND = [*BROWSER, batch(BatchRequest(channel_stats=ASKED), publish(*ASKED.channels))]
RPC = [
    json.dumps({"jsonrpc": "2.0", "id": 1, "method": "publish", "params": params}).encode()
    for params in (
        {"channelList": SIGNED, "body": json.loads(EVENT), "expiry": 60},
        {"userList": [1, "-2"], "body": json.loads(EVENT), "user_params": {"1": {"a": 1}}, "dictionary": []},
    )
]


def check_publication(publication: Publication, allowed: tuple[Sender, ...]) -> None:
    assert publication.channels or publication.users
    assert all(map(is_channel_id, publication.channels))
    assert len(publication.channels) <= DEFAULT_LIMITS.channels
    assert 0 <= publication.expiry <= MAX_EXPIRY_S
    assert publication.sender in allowed
    assert json.loads(publication.body)["module_id"]


def check_commands(commands: tuple[Command, ...], allowed: tuple[Sender, ...]) -> None:
    published = [one for command in commands if isinstance(command, Publish) for one in command.publications]
    assert len(published) <= DEFAULT_LIMITS.messages
    for publication in published:
        check_publication(publication, allowed)
    for command in commands:
        if isinstance(command, TellChannels):
            assert all(is_channel_id(name) for name, _ in command.channels)


def test_a_browsers_batch_is_read_or_refused() -> None:
    signed = set(SECRETS)

    def check(_data: bytes, commands: tuple[Publish, ...]) -> None:
        check_commands(commands, (Sender.CLIENT,))
        for command in commands:
            for publication in command.publications:
                assert signed.issuperset(publication.channels)

    decoder = named_code(lambda data: read_browser_batch(data, PUBLIC))
    assert decode_all(decoder, mutations(BROWSER, TOKENS), PublishRefusedError, check, secrets=SIGNED)


def test_a_back_ends_batch_is_read_or_refused() -> None:
    def check(_data: bytes, commands: tuple[Command, ...]) -> None:
        check_commands(commands, tuple(Sender))

    decoder = named_code(lambda data: read_backend_batch(data, TRUSTED))
    assert decode_all(decoder, mutations(BACKEND, TOKENS), PublishRefusedError, check, secrets=SIGNED)


def named_code(decoder: Any) -> Any:
    """The decoder, whose refusals must have a close code of the protocol."""

    def decode(data: bytes) -> Any:
        try:
            return decoder(data)
        except PublishRefusedError as error:
            if CloseCode(error.close_code) not in range(4013, 4022):
                raise AssertionError(f"a refusal with {error.close_code}") from error
            raise

    return decode


@pytest.mark.parametrize("receivers", [PUBLIC, TRUSTED], ids=["browser", "back end"])
def test_a_publish_call_is_read_or_refused(receivers: Receivers) -> None:
    def read(data: bytes) -> list[Publication]:
        calls = parse_calls(data)
        check_limits(calls)
        return [
            read_publish(call.params, receivers, Sender.CLIENT)
            if receivers is PUBLIC
            else read_backend_publish(call.params, receivers)
            for call in calls.items
            if isinstance(call, Request)
        ]

    def check(_data: bytes, publications: list[Publication]) -> None:
        for publication in publications:
            check_publication(publication, (Sender.CLIENT, Sender.BACKEND))

    refusals = (JsonRpcError, PublishRefusedError)
    assert decode_all(read, mutations(RPC, JSON_TOKENS), refusals, check, secrets=SIGNED)


def test_times_of_users_are_read_or_refused() -> None:
    request = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "updateUsersLastSeen",
        "params": {"1": 5, "-2": 1790072438},
    }

    def read(data: bytes) -> list[dict[int, int]]:
        return [read_last_seen(call.params) for call in parse_calls(data).items if isinstance(call, Request)]

    assert decode_all(read, mutations([json.dumps(request).encode()], JSON_TOKENS), JsonRpcError)
