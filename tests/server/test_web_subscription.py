"""bxpull_server.web.subscription: who may subscribe to what, over both transports."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from bxpull_server import ManualClock
from bxpull_server.journal import SocketClosed
from bxpull_server.protocol.channels import Signer
from bxpull_server.protocol.mids import mid_to_bytes
from bxpull_server.protocol.tokens import issue_token

A, B = "a" * 32, "b" * 32
KEY = "a key that portal and push server share"
NOW = 1_790_000_000
TEXT, BINARY, JSON_RPC = "", "binaryMode=true", "jsonRpc=true"


@pytest.fixture
async def client(start: Callable[..., Any]) -> Any:
    """A client of a version 5 server with a known key, whose clock moves only when told to."""
    return await start(server_version=5, signature_key=KEY, clock=ManualClock())


def token(key: str = KEY, *, age: int = 0, subject: str | None = "1", channels: tuple[str, ...] = ()) -> str:
    return issue_token(
        key, issuer="elsewhere", issued_at=NOW - age, lifetime_s=43_200, subject=subject, channels=channels
    )


def forged(**header: str) -> str:
    """Claims that are right, signed with the right key, under a header of one's own."""
    parts = (
        part(json.dumps(value).encode()) for value in (header, {"iss": "h", "exp": NOW + 60, "sub": "1"})
    )
    text = ".".join(parts)
    return f"{text}.{part(hmac.new(KEY.encode(), text.encode(), hashlib.sha256).digest())}"


def part(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


async def refused(client: Any, query: str) -> tuple[int, int, str]:
    """Close code, HTTP status and sentence of a subscription that both transports refuse."""
    code, reason = await (await client.open(query)).closed()
    answer = await client.http.get(f"/bitrix/sub/?{query}")
    assert answer.text.startswith(reason.removesuffix("…"))
    assert await client.server.connections() == []
    return code, answer.status_code, answer.text


async def test_versions_one_to_five_serve_their_users_side_by_side(start: Callable[..., Any]) -> None:
    client = await start(server_version=4)
    for user in (1, 2, 3, 4, 5):
        await client.server.set_user(user, server_version=user)
    flags = {1: TEXT, 2: TEXT, 3: TEXT, 4: BINARY, 5: JSON_RPC}
    pages = {user: await client.subscribe(user, flags=flags[user]) for user in flags}
    formats = {one.user: one.format for one in await client.server.connections()}
    assert formats == {1: "text", 2: "text", 3: "text", 4: "protobuf", 5: "json-rpc"}
    mid = await client.server.add_shared(module_id="m", command="c", params={"a": 1})
    for user in (1, 2, 3):
        assert (await pages[user].record())["mid"] == mid
    assert (await pages[4].message()).id.hex() == mid
    assert (await pages[5].incoming())["mid"] == mid


@pytest.mark.parametrize("version", [1, 2, 3])
async def test_old_versions_send_text_whatever_the_client_can_read(
    start: Callable[..., Any], version: int
) -> None:
    client = await start(server_version=version)
    page = await client.subscribe(1, flags=BINARY)
    await client.server.add_by_user(1, module_id="m", command="c")
    assert (await page.event())["command"] == "c"


@pytest.mark.parametrize("flags", [TEXT, BINARY, JSON_RPC])
async def test_every_format_resumes_by_mid_in_order_and_without_repetition(client: Any, flags: str) -> None:
    sent = [await client.server.add_by_user(1, module_id="m", command="c") for _ in range(300)]
    page = await client.subscribe(1, mid=sent[99], flags=flags)
    sent.append(await client.server.add_by_user(1, module_id="m", command="c"))
    got: list[str] = []
    while len(got) < 201:
        if flags == BINARY:
            got.append((await page.message()).id.hex())
        else:
            got.append((await (page.incoming() if flags == JSON_RPC else page.record()))["mid"])
    assert got == sent[100:]


@pytest.mark.parametrize("user", [1, -7])
async def test_a_configs_token_is_as_good_as_its_channels(client: Any, user: int) -> None:
    page = await client.subscribe(user, flags=JSON_RPC)
    await client.server.add_by_user(user, module_id="m", command="own")
    await client.server.add_shared(module_id="m", command="shared")
    assert [(await page.incoming())["body"]["command"] for _ in range(2)] == ["own", "shared"]


async def test_a_real_portals_token_names_user_and_channels(client: Any) -> None:
    page = await client.open(f"token={token(channels=(A,))}&{JSON_RPC}")
    await client.server.wait_connected(1)
    await client.server.add_by_channel(A, module_id="m", command="channel")
    await client.server.add_by_user(1, module_id="m", command="user")
    assert [(await page.incoming())["body"]["command"] for _ in range(2)] == ["channel", "user"]


async def test_a_token_may_be_used_with_text_frames(client: Any) -> None:
    page = await client.open(f"token={token()}")
    await client.server.wait_connected(1)
    await client.server.add_by_user(1, module_id="m", command="c")
    assert (await page.event())["command"] == "c"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (token("another key"), "wrong signature"),
        (token(age=43_200), "the token has expired"),
        (token().rpartition(".")[0] + ".", "wrong signature"),
        ("eyJhbGciOiJub25lIn0.e30.", "not signed with HS256"),
        *(
            (forged(typ="JWT", alg=alg), "not signed with HS256")
            for alg in ("none", "None", "RS256", "HS512", "")
        ),
        (forged(typ="JWT"), "not signed with HS256|malformed"),
        (token(subject=None), "neither a user"),
        ("nonsense", "malformed"),
    ],
)
async def test_a_token_that_is_not_right_is_refused(
    client: Any, given: str, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    code, status, sentence = await refused(client, f"token={given}&{JSON_RPC}")
    assert (code, status) == (4010, 403)
    assert re.search(problem, sentence)
    ours = "".join(record.getMessage() for record in caplog.records if record.name.startswith("bxpull"))
    assert given not in sentence + ours


async def test_a_token_is_refused_where_the_users_version_is_below_five(client: Any) -> None:
    await client.server.set_user(1, server_version=4)
    assert await refused(client, f"token={token()}") == (
        4010,
        403,
        "this user's server has version 4, which takes no token: send CHANNEL_ID\n",
    )


async def test_json_rpc_is_refused_where_the_users_version_is_below_five(client: Any) -> None:
    await client.server.set_user(1, server_version=4)
    code, status, sentence = await refused(client, await client.query() + "&jsonRpc=true")
    assert (code, status) == (4010, 403)
    assert sentence.startswith("jsonRpc=true needs server version 5; for this user the server has 4")


@pytest.mark.parametrize("version", [1, 2, 3])
async def test_a_config_with_public_ids_is_refused_where_the_users_version_has_none(
    client: Any, version: int
) -> None:
    page = await client.subscribe(flags="binaryMode=true")
    mid = await client.server.add_by_user(1, module_id="m", command="before")
    assert (await page.message()).id == mid_to_bytes(mid)
    await page.socket.close()
    await client.server.wait_disconnected(1)
    query = await client.query(mid=mid, flags="binaryMode=true")
    await client.server.set_user(1, server_version=version)
    await client.server.add_by_user(1, module_id="m", command="missed")
    # It could not read the text that this version speaks.
    code, status, sentence = await refused(client, query)
    assert (code, status) == (4010, 403)
    assert sentence.startswith(f"this user's server has version {version}, which has no public ids")
    again = await client.open(await client.query(mid=mid))
    assert (await again.event())["command"] == "missed"


async def test_a_guests_token_of_a_replaced_channel_is_refused(client: Any) -> None:
    query = await client.query(-7, flags=JSON_RPC)
    await client.server.expire_channel(-7)
    code, status, sentence = await refused(client, query)
    assert (code, status) == (4010, 403)
    assert sentence.startswith("this channel was replaced")


@pytest.mark.parametrize("key", [KEY, ""])
async def test_a_public_id_is_no_right_to_listen(start: Callable[..., Any], key: str) -> None:
    client = await start(signature_key=key)
    public_id = (await client.config())["channels"]["private"]["public_id"]
    code, _, sentence = await refused(client, f"CHANNEL_ID={public_id}")
    assert code == 4010
    assert "is a public id, for publishing" in sentence


async def test_a_signature_of_another_key_or_algorithm_is_refused(client: Any) -> None:
    for signer in (Signer("another"), Signer(KEY, "sha256")):
        code, status, sentence = await refused(client, f"CHANNEL_ID={signer.sign(f'{A}:{B}')}")
        assert (code, status) == (4010, 403)
        assert "has a wrong signature" in sentence


async def test_shared_mode_needs_the_configs_client_id(client: Any) -> None:
    await client.server.set_user(1, mode="shared")
    query = await client.query()
    client_id = (await client.config())["clientId"]
    for addition, problem in (("", "clientId is missing"), ("&clientId=x", "clientId is not this portal's")):
        code, status, sentence = await refused(client, query + addition)
        assert (code, status) == (4010, 403)
        assert sentence.startswith(problem)
    page = await client.open(f"{query}&clientId={client_id}&hostname=portal.example")
    await client.server.wait_connected(1)
    await client.server.add_by_user(1, module_id="m", command="c")
    assert (await page.event())["command"] == "c"


async def test_personal_mode_does_not_look_at_the_client_id(client: Any) -> None:
    await client.open(await client.query() + "&clientId=whatever")
    await client.server.wait_connected(1)


async def test_more_connections_than_a_user_may_have_are_closed_with_4029(start: Callable[..., Any]) -> None:
    client = await start(connections_per_user=2)
    pages = [await client.subscribe(1), await client.subscribe(1)]
    code, sentence = await (await client.open(await client.query())).closed()
    assert (code, sentence) == (4029, "user 1 has 2 connections: connections_per_user allows no more")
    await client.subscribe(2)
    await pages[0].socket.close()
    await client.server.wait_request(lambda entry: isinstance(entry, SocketClosed) and entry.connection == 1)
    await client.subscribe(1)


async def test_channels_of_nobody_are_not_counted(start: Callable[..., Any]) -> None:
    client = await start(connections_per_user=1, signature_key="")
    pages = [await client.open(f"CHANNEL_ID={A}") for _ in range(3)]
    await client.server.wait_connected(0, tabs=3)
    await client.server.add_by_channel(A, module_id="m", command="c")
    assert [(await page.event())["command"] for page in pages] == ["c"] * 3


async def test_all_formats_of_one_channel_get_the_same_event(client: Any) -> None:
    text, binary, rpc = [await client.subscribe(1, flags=flags) for flags in (TEXT, BINARY, JSON_RPC)]
    mid = await client.server.add_by_user(1, module_id="m", command="c", params={"\u2028": "\ud800"})
    record, message, incoming = await text.record(), await binary.message(), await rpc.incoming()
    assert {record["mid"], message.id.hex(), incoming["mid"]} == {mid}
    assert record["text"] == json.loads(message.body) == incoming["body"]
