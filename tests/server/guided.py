"""Each decoder of the server under atheris, which keeps inputs that reach new code and goes on from them.

``make fuzz-guided`` runs it: ``python -m tests.server.guided DECODER FOLDER [libFuzzer's options]``. What is
neither read nor refused as documented ends it, with the input in a file.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DECODERS = (
    "text",
    "json-rpc calls",
    "json-rpc events",
    "protobuf requests",
    "protobuf frames",
    "browser batch",
    "back end batch",
    "subscription",
    "channels",
    "event",
    "form",
    "token",
)


class Target(NamedTuple):
    """One decoder.

    Attributes:
        decode: Takes bytes.
        refusals: What it may raise.
        seeds: Sound input to begin with.
    """

    decode: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...]
    seeds: Sequence[bytes]


def targets() -> dict[str, Target]:
    """All of them, by name; imported late, so that atheris can look into their code."""
    from functools import partial

    from bxpull_server.errors import (
        ChannelError,
        FrameError,
        JsonRpcError,
        PublishRefusedError,
        QueryError,
        TokenError,
    )
    from bxpull_server.protocol.channels import parse_channel_list
    from bxpull_server.protocol.events import parse_event
    from bxpull_server.protocol.forms import parse_form
    from bxpull_server.protocol.jsonrpc import decode_incoming, parse_calls
    from bxpull_server.protocol.protobuf.coding import decode
    from bxpull_server.protocol.protobuf.frames import decode_frame
    from bxpull_server.protocol.protobuf.schema import RequestBatch
    from bxpull_server.protocol.publish_batch import read_backend_batch, read_browser_batch
    from bxpull_server.protocol.subscribe import parse_subscribe
    from bxpull_server.protocol.text import decode_text
    from bxpull_server.protocol.tokens import read_token
    from tests.server import test_fuzz_protobuf as protobuf
    from tests.server import test_fuzz_publishing as publishing
    from tests.server import test_fuzz_queries as queries
    from tests.server import test_fuzz_text as text
    from tests.server.fuzzing import as_text

    def of_text(decoder: Callable[[str], object]) -> Callable[[bytes], object]:
        return lambda data: decoder(as_text(data))

    key, now = queries.KEY, queries.NOW
    found = (
        Target(of_text(decode_text), (), text.TEXT_INPUTS),
        Target(parse_calls, (JsonRpcError,), text.REQUESTS),
        Target(of_text(decode_incoming), (ValueError,), text.INCOMING),
        Target(partial(decode, RequestBatch), (FrameError,), protobuf.REQUESTS),
        Target(decode_frame, (), protobuf.RESPONSES),
        Target(
            lambda data: read_browser_batch(data, publishing.PUBLIC),
            (PublishRefusedError,),
            publishing.BROWSER,
        ),
        Target(
            lambda data: read_backend_batch(data, publishing.TRUSTED),
            (PublishRefusedError,),
            publishing.BACKEND,
        ),
        Target(of_text(parse_subscribe), (QueryError, ChannelError), queries.QUERIES),
        Target(of_text(parse_channel_list), (ChannelError,), [queries.CHANNEL_LIST]),
        Target(parse_event, (QueryError,), queries.EVENTS),
        Target(of_text(parse_form), (QueryError,), queries.FORMS),
        Target(
            lambda data: read_token(as_text(data), key, issuer=None, now=now),
            (TokenError,),
            [queries.TOKEN.encode()],
        ),
    )
    return dict(zip(DECODERS, found, strict=True))


def main(arguments: Sequence[str]) -> None:
    """Fuzzes one decoder until libFuzzer has enough; does not return."""
    import atheris

    name, folder, *options = arguments
    with atheris.instrument_imports(include=["bxpull_server.protocol"]):
        target = targets()[name]
    corpus = Path(folder)
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)

    def one(data: bytes) -> None:
        with suppress(*target.refusals):
            target.decode(data)

    atheris.Setup([sys.argv[0], *options, folder], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
