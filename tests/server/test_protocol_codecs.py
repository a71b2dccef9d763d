"""bxpull_server.protocol.codecs."""

import pytest

from bxpull_server.errors import QueryError
from bxpull_server.protocol.codecs import TEXT, choose_codec
from bxpull_server.protocol.subscribe import SubscribeRequest


@pytest.mark.parametrize("binary", [False, True])
def test_everybody_gets_text(binary: bool) -> None:
    assert choose_codec(SubscribeRequest((), binary=binary)) is TEXT


def test_json_rpc_is_refused_by_version() -> None:
    with pytest.raises(QueryError, match="needs server version 5"):
        choose_codec(SubscribeRequest((), json_rpc=True))
