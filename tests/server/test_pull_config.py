"""bxpull_server.pull_config: configs of every version and mode."""

from typing import Any

import jwt
import pytest

from bxpull_server.channel_book import SHARED, ChannelBook, Holder
from bxpull_server.clock import ManualClock
from bxpull_server.options import ServerOptions
from bxpull_server.profiles import Profile
from bxpull_server.protocol.channels import Signer
from bxpull_server.pull_config import ConfigMaker
from bxpull_server.revisions import Revisions

KEY = "a key that is long enough for HS256"
NOW = 1_790_000_000.5


@pytest.fixture
def book(clock: ManualClock) -> ChannelBook:
    return ChannelBook(b"secret", clock, lifetime_s=43_205)


def make(
    book: ChannelBook,
    version: int,
    mode: str = "personal",
    holder: Holder = Holder(1),  # noqa: B008 - immutable
    key: str = KEY,
    **options: Any,
) -> dict[str, Any]:
    maker = ConfigMaker(ServerOptions(**options), Signer(key), key, "client", "host", Revisions())
    shared = book.current(Holder(0, holder.application))
    return maker.make(Profile(version, mode), book.current(holder), shared, "portal.example:8893", NOW)


def claims(config: dict[str, Any]) -> dict[str, Any]:
    verified: dict[str, Any] = jwt.decode(
        config["jwt"], KEY, algorithms=["HS256"], options={"verify_exp": False, "verify_iat": False}
    )
    return verified


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5])
def test_the_keys_are_the_protocols(book: ChannelBook, version: int) -> None:
    config = make(book, version)
    own = {"server", "api", "channels", "publicChannels", "serverTime"}
    assert set(config) == (own | {"jwt", "exp"} if version == 5 else own)
    assert config["server"] == {
        "version": version,
        "server_enabled": True,
        "mode": "personal",
        "hostname": "",
        "long_polling": "http://portal.example:8893/bitrix/sub/",
        "long_pooling_secure": "https://portal.example:8893/bitrix/sub/",
        "websocket_enabled": True,
        "websocket": "ws://portal.example:8893/bitrix/subws/",
        "websocket_secure": "wss://portal.example:8893/bitrix/subws/",
        "publish_enabled": version >= 4,
        "publish": "http://portal.example:8893/bitrix/pubweb/",
        "publish_secure": "https://portal.example:8893/bitrix/pubweb/",
        "config_timestamp": 0,
        "verdict": True,
    }
    assert config["api"] == {"revision_web": 19, "revision_mobile": 3}
    assert config["serverTime"] == "2026-09-21T14:13:20+00:00"
    assert [channel["type"] for channel in config["channels"].values()] == ["shared", "private"]


@pytest.mark.parametrize("version", [4, 5])
def test_from_version_4_on_the_own_public_channel_comes_along(book: ChannelBook, version: int) -> None:
    config = make(book, version)
    public = config["publicChannels"]["1"]
    assert f"{public['public_id']}.{public['signature']}" == config["channels"]["private"]["public_id"]
    assert make(book, 3)["publicChannels"] == {}


@pytest.mark.parametrize("version", [3, 4, 5])
def test_only_the_cloud_has_a_client_id(book: ChannelBook, version: int) -> None:
    config = make(book, version, mode="shared")
    assert (config["server"]["mode"], config["clientId"]) == ("shared", "client")
    assert "clientId" not in make(book, version)


def test_a_signed_in_users_token_names_the_user_and_the_shared_channel(book: ChannelBook) -> None:
    config = make(book, 5, holder=Holder(7), token_lifetime_s=60)
    assert claims(config) == {
        "iss": "host",
        "iat": 1_790_000_000,
        "exp": 1_790_000_060,
        "sub": "7",
        "chan": book.current(SHARED).id,
    }
    assert config["exp"] == 1_790_000_060


@pytest.mark.parametrize("holder", [Holder(-3), Holder(7, "app.1")])
def test_other_tokens_name_their_channels_and_nobody(book: ChannelBook, holder: Holder) -> None:
    named = claims(make(book, 5, holder=holder))
    own, shared = book.current(holder), book.current(Holder(0, holder.application))
    assert named["chan"].split(",") == [own.id, own.public_id, shared.id]
    assert "sub" not in named


def test_a_token_lives_12_hours_by_default(book: ChannelBook) -> None:
    config = make(book, 5)
    assert config["exp"] == claims(config)["exp"] == claims(config)["iat"] + 43_200


def test_without_a_key_there_is_no_token(book: ChannelBook) -> None:
    config = make(book, 5, key="")
    assert "jwt" not in config
    assert "exp" not in config


def test_options_show_in_the_config(book: ChannelBook) -> None:
    values: dict[str, Any] = {
        "hostname": "a.example",
        "websocket_enabled": False,
        "verdict": False,
        "config_timestamp": 5,
        "config_ttl_s": 60,
    }
    server = make(book, 4, **values)["server"]
    assert (server["hostname"], server["websocket_enabled"]) == ("a.example", False)
    assert (server["config_timestamp"], server["config_ttl"]) == (5, 60)
    assert "verdict" not in server
    assert "config_ttl" not in make(book, 4)["server"]


def test_an_applications_channels_have_its_client_id_as_type(book: ChannelBook) -> None:
    config = make(book, 4, holder=Holder(7, "app.1"))
    assert {name: channel["type"] for name, channel in config["channels"].items()} == {
        "shared": "app.1",
        "private": "app.1",
    }


def test_the_key_is_not_shown() -> None:
    shown = repr(ConfigMaker(ServerOptions(), Signer(KEY), KEY, "cl1ent", "host", Revisions()))
    assert not any(secret in shown for secret in (KEY, "cl1ent"))
