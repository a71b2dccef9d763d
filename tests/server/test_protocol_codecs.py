"""bxpull_server.protocol.codecs."""

import pytest

from bxpull_server.errors import VersionError
from bxpull_server.protocol.codecs import JSON_RPC, PROTOBUF, TEXT, AnyCodec, choose_codec
from bxpull_server.protocol.subscribe import SubscribeRequest


@pytest.mark.parametrize(
    ("version", "binary", "json_rpc", "codec"),
    [
        (1, False, False, TEXT),
        (3, True, False, TEXT),
        (4, False, False, TEXT),
        (4, True, False, PROTOBUF),
        (5, False, False, TEXT),
        (5, True, False, PROTOBUF),
        (5, False, True, JSON_RPC),
        (5, True, True, JSON_RPC),
    ],
)
def test_the_format_follows_from_version_and_request(
    version: int, binary: bool, json_rpc: bool, codec: AnyCodec
) -> None:
    assert choose_codec(SubscribeRequest((), binary=binary, json_rpc=json_rpc), version) is codec


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_json_rpc_is_refused_by_version(version: int) -> None:
    with pytest.raises(VersionError, match=f"needs server version 5; for this user the server has {version}"):
        choose_codec(SubscribeRequest((), json_rpc=True), version)
