"""A Bitrix back end on this server: the settings of docs/backend.md, and requests of the shapes PHP sends.

The portal here is not ours: it makes channels, signatures, tokens and protobuf by itself, from the same key.
"""

import base64
import hmac
import json
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from websockets.asyncio.client import ClientConnection

from bxpull_server import ServerOptions
from bxpull_server.protocol.jsonrpc import decode_incoming
from bxpull_server.protocol.protobuf.frames import decode_frame
from bxpull_server.protocol.text import decode_text

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "backend.md"
SETTINGS = dict(re.findall(r"'(\w+)' => '(.*)',$", PAGE.read_text("utf-8"), re.MULTILINE))
EVENT: dict[str, Any] = {
    "module_id": "main",
    "command": "check",
    "params": {"a": 1},
    "extra": {"server_name": "portal.test"},
}


def part(number: int, content: bytes) -> bytes:
    """A nested message, a text or bytes in protobuf."""
    size, length = len(content), b""
    while size > 0x7F:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content


def private(channel: str) -> bytes:
    """A Receiver or ChannelId: id, isPrivate; no signature."""
    return part(1, bytes.fromhex(channel)) + b"\x10\x01"


def with_params(params: object) -> dict[str, Any]:
    """The event with other params."""
    return {**EVENT, "params": params}


def message(channels: list[str], event: dict[str, Any] = EVENT, expiry: bytes = b"\x20\x3c") -> bytes:
    """An IncomingMessage: receivers, body, expiry (60 by default), type."""
    receivers = b"".join(part(1, private(channel)) for channel in channels)
    return receivers + part(3, json.dumps(event).encode()) + expiry + part(5, b"main_check")


def batch(*messages: bytes) -> bytes:
    """A RequestBatch of one request: incomingMessages."""
    return part(1, part(1, b"".join(part(1, one) for one in messages)))


def question(*channels: str) -> bytes:
    """A RequestBatch of one request: channelStats."""
    return part(1, part(2, b"".join(part(1, private(channel)) for channel in channels)))


def call(method: str, params: object, number: int = 1) -> dict[str, Any]:
    """A JSON-RPC request."""
    return {"jsonrpc": "2.0", "method": method, "params": params, "id": number}


@dataclass
class Page:
    """A page of the portal, connected: reads events in the order they come, and remembers the last mid."""

    socket: ClientConnection
    mid: str = ""
    _unread: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def event(self) -> dict[str, Any]:
        """The next event; what JSON-RPC says beside it is in ``user_params`` and ``dictionary``."""
        while not self._unread:
            self._unread += _read(await self.socket.recv())
        self.mid, event = self._unread.pop(0)
        return event


def _read(frame: str | bytes) -> list[tuple[str, dict[str, Any]]]:
    """The events of a frame with their mids."""
    if isinstance(frame, bytes):
        return [(one.id.hex(), json.loads(one.body)) for one in decode_frame(frame).messages]
    if frame.startswith("#!NGINX"):
        return [(record["mid"], record["text"]) for record in decode_text(frame).records]
    if frame == "ping":
        return []
    beside = ("user_params", "dictionary")
    return [
        (one["mid"], {**one["body"], **{key: one[key] for key in beside if key in one}})
        for one in decode_incoming(frame).events
    ]


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


class Portal:
    """What a Bitrix installation with these settings does, PHP and pages."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._authority = urlsplit(client.server.url).netloc
        self.channels = {user: self._channel() for user in (0, 1, 2)}  # 0: the shared one

    def url(self, key: str) -> str:
        """An address of the settings, with the server's port."""
        address: str = SETTINGS[key].replace("127.0.0.1:8893", self._authority)
        return address

    @staticmethod
    def _channel() -> tuple[str, str]:
        return secrets.token_hex(16), secrets.token_hex(16)

    def private(self, user: int) -> str:
        """A user's channel id."""
        return self.channels[user][0]

    @staticmethod
    def sign(value: bytes) -> str:
        """As PHP's hash_hmac() with the algorithm and key of the settings."""
        return hmac.new(SETTINGS["signature_key"].encode(), value, SETTINGS["signature_algo"]).hexdigest()

    def _signed(self, user: int, version: int) -> str:
        own, public = self.channels[user]
        value = f"{own}:{public}" if version >= 4 and user else own
        return f"{value}.{self.sign(value.encode())}"

    def token(self, user: int) -> str:
        """The token of a signed-in user."""
        claims = {"iss": "portal.test", "iat": 1_790_000_000, "exp": 4_000_000_000, "sub": str(user)}
        parts = ({"typ": "JWT", "alg": "HS256"}, {**claims, "chan": self.private(0)})
        signed = b".".join(_base64url(json.dumps(one).encode()) for one in parts)
        signature = hmac.digest(SETTINGS["signature_key"].encode(), signed, "sha256")
        return (signed + b"." + _base64url(signature)).decode()

    async def open_page(self, user: int, version: int, mid: str = "") -> Page:
        """A page of a user, subscribed with what the portal's own config would hold."""
        if version >= 5:
            query = f"token={self.token(user)}&jsonRpc=true"
        else:
            ids = "/".join([self._signed(user, version), self._signed(0, version)])
            query = f"CHANNEL_ID={quote(ids, safe='')}" + ("&binaryMode=true" if version == 4 else "")
        server = self._client.server
        before = len(await server.connections())
        page = await self._client.open(f"{query}&revision=19" + (f"&mid={mid}" if mid else ""))
        shown_as = user if version >= 5 else 0  # up to version 4 only the portal knows whose channel is whose
        await server.wait_connected(shown_as, tabs=before + 1 if shown_as == 0 else 1)
        return Page(page.socket)

    async def post(self, url: str, body: bytes, **headers: str) -> httpx.Response:
        """As PHP's HttpClient posts a text: it is declared as a form, whatever it is."""
        declared = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8", "Accept": "*/*"}
        answer: httpx.Response = await self._client.http.post(
            url, content=body, headers={**declared, "User-Agent": "BitrixCloud HttpClient/1.0", **headers}
        )
        return answer

    async def call(self, calls: object, **query: str) -> httpx.Response:
        """A JSON-RPC request or batch of PHP."""
        body = json.dumps(calls).encode()
        fields = {"hostId": "portal.test", "signature": self.sign(body), "hostname": "portal.test", **query}
        address = f"{self.url('path_to_json_rpc')}?{'&'.join(f'{k}={v}' for k, v in fields.items())}"
        return await self.post(address, body)


PortalFactory = Callable[..., Awaitable[Portal]]


@pytest.fixture
async def portal(start: Callable[..., Any]) -> PortalFactory:
    """A portal whose push server is ours, of the version asked for."""

    async def make(version: int, **options: Any) -> Portal:
        values = {"server_version": version, "signature_key": SETTINGS["signature_key"], **options}
        return Portal(await start(**values))

    return make


async def test_the_settings_name_endpoints_of_this_server(portal: PortalFactory) -> None:
    site = await portal(int(SETTINGS["nginx_version"]))
    paths = {urlsplit(value).path for key, value in SETTINGS.items() if key.startswith("path_to_")}
    assert paths == {"/bitrix/sub/", "/bitrix/subws/", "/bitrix/pub/", "/bitrix/pubweb/", "/bitrix/api/"}
    for key in ("path_to_listener", "path_to_publish", "path_to_publish_web", "path_to_json_rpc"):
        answer = await site.post(site.url(key), b"")
        assert answer.status_code not in (404, 500), key
    ServerOptions(
        server_version=int(SETTINGS["nginx_version"]), signature_algorithm=SETTINGS["signature_algo"]
    )


# Versions 1 to 3


@pytest.mark.parametrize("version", [1, 2, 3])
async def test_text_is_published_to_all_channels_of_the_address(portal: PortalFactory, version: int) -> None:
    site = await portal(version)
    one, two = await site.open_page(1, version), await site.open_page(2, version)
    address = f"{site.url('path_to_publish')}?CHANNEL_ID={site.private(1)}/{site.private(2)}"
    answer = await site.post(address, json.dumps(EVENT).encode(), **{"Message-Expiry": "60"})
    assert answer.status_code == 200
    assert [await one.event(), await two.event()] == [EVENT, EVENT]


async def test_text_is_published_to_everybody(portal: PortalFactory) -> None:
    site = await portal(3)
    pages = [await site.open_page(1, 3), await site.open_page(2, 3)]
    await site.post(f"{site.url('path_to_publish')}?CHANNEL_ID={site.private(0)}", json.dumps(EVENT).encode())
    assert [await page.event() for page in pages] == [EVENT, EVENT]


async def test_an_empty_php_array_arrives_as_it_is(portal: PortalFactory) -> None:
    site = await portal(3)
    page = await site.open_page(1, 3)
    body = b'{"module_id":"main","command":"check","params":[],"extra":[]}'
    await site.post(f"{site.url('path_to_publish')}?CHANNEL_ID={site.private(1)}", body)
    assert (await page.event())["params"] == []


async def test_php_learns_who_listens(portal: PortalFactory) -> None:
    site = await portal(3)
    await site.open_page(1, 3)
    address = f"{site.url('path_to_publish')}?CHANNEL_ID={site.private(1)}/{site.private(2)}"
    infos = (await site._client.http.get(address)).json()["infos"]
    assert [(info["channel"], info["subscribers"]) for info in infos] == [
        (site.private(1), 1),
        (site.private(2), 0),
    ]


async def test_more_than_100_channels_are_refused_and_100_are_not(portal: PortalFactory) -> None:
    site = await portal(3)
    page = await site.open_page(1, 3)
    channels = [site.private(1), *(secrets.token_hex(16) for _ in range(100))]
    body = json.dumps(EVENT).encode()
    refused = await site.post(f"{site.url('path_to_publish')}?CHANNEL_ID={'/'.join(channels)}", body)
    assert refused.status_code == 400
    assert "names 101 channels: at most 100 are allowed" in refused.text
    for some in (channels[:100], channels[100:]):
        answer = await site.post(f"{site.url('path_to_publish')}?CHANNEL_ID={'/'.join(some)}", body)
        assert answer.status_code == 200
    await site.post(f"{site.url('path_to_publish')}?CHANNEL_ID={site.private(0)}", b'{"module_id":"last"}')
    assert [(await page.event())["module_id"] for _ in range(2)] == ["main", "last"]


# Version 4


@pytest.mark.parametrize("query", ["", "&hostname=portal.test"])
async def test_a_batch_is_published_and_its_question_answered(portal: PortalFactory, query: str) -> None:
    site = await portal(4)
    one, two = await site.open_page(1, 4), await site.open_page(2, 4)
    first, second = message([site.private(1), site.private(2)]), message([site.private(0)])
    address = f"{site.url('path_to_publish')}?binaryMode=true{query}"
    answer = await site.post(address, batch(first, second) + question(site.private(1), "f" * 32))
    assert answer.status_code == 200
    for page in (one, two):
        assert [await page.event(), await page.event()] == [EVENT, EVENT]
    # ChannelStats of both channels: id, isPrivate, isOnline unless it is false
    online = part(1, private(site.private(1)) + b"\x18\x01")
    away = part(1, private("f" * 32))
    assert answer.content.endswith(part(1, part(2, online + away)))


async def test_a_batch_without_an_expiry_or_type_is_taken(portal: PortalFactory) -> None:
    site = await portal(4)
    page = await site.open_page(1, 4)
    bare = part(1, private(site.private(1))) + part(3, json.dumps(EVENT).encode())
    answer = await site.post(f"{site.url('path_to_publish')}?binaryMode=true", batch(bare))
    assert answer.status_code == 200
    assert await page.event() == EVENT


async def test_in_shared_mode_batches_are_signed_and_name_the_client(portal: PortalFactory) -> None:
    site = await portal(4, mode="shared", client_id="my-client")
    body = batch(message([site.private(1)]))
    address = f"{site.url('path_to_publish')}?binaryMode=true&hostname=portal.test&clientId=my-client"
    assert (await site.post(address, body)).status_code == 403
    assert (await site.post(f"{address}&signature={site.sign(b'other')}", body)).status_code == 403
    assert (await site.post(f"{address}&signature={site.sign(body)}", body)).status_code == 200


async def test_batches_over_the_limits_are_refused_whole_and_their_halves_arrive(
    portal: PortalFactory,
) -> None:
    site = await portal(4)
    page = await site.open_page(1, 4)
    address = f"{site.url('path_to_publish')}?binaryMode=true"
    events = [with_params({"n": number}) for number in range(101)]
    messages = [message([site.private(1)], event) for event in events]
    refused = await site.post(address, batch(*messages))
    assert refused.status_code == 400
    assert refused.text.startswith("4016 ")
    others = [secrets.token_hex(16) for _ in range(100)]
    refused = await site.post(address, batch(message([site.private(1), *others])))
    assert refused.status_code == 400
    assert refused.text.startswith("4018 ")
    large = batch(message([site.private(1)], with_params({"x": "x" * 1024 * 1024})))
    assert (await site.post(address, large)).status_code == 413
    for some in (messages[:50], messages[50:]):
        assert (await site.post(address, batch(*some))).status_code == 200
    assert [(await page.event())["params"]["n"] for _ in events] == list(range(101))


# Version 5


async def test_calls_are_published_to_users_and_channels(portal: PortalFactory) -> None:
    site = await portal(5)
    one, two = await site.open_page(1, 5), await site.open_page(2, 5)
    params = {"body": EVENT, "expiry": 86400, "type": "main_check"}
    answer = await site.call(
        [
            call("publish", {"userList": [1, 2], "channelList": [], **params}, 1),
            call("publish", {"userList": [], "channelList": [site.private(0)], **params}, 2),
            call("publish", {"userList": ["2"], **params}, 3),
        ]
    )
    assert answer.status_code == 200
    assert [response["id"] for response in answer.json() if "result" in response] == [1, 2, 3]
    assert [await one.event() for _ in range(2)] == [EVENT] * 2
    assert [await two.event() for _ in range(3)] == [EVENT] * 3


async def test_additions_go_beside_the_body_to_whom_they_are_for(portal: PortalFactory) -> None:
    site = await portal(5)
    one, two = await site.open_page(1, 5), await site.open_page(2, 5)
    publish = {"userList": [1, 2], "body": EVENT, "user_params": {"2": {"b": 2}}, "dictionary": {"c": 3}}
    assert (await site.call(call("publish", publish))).status_code == 200
    assert await one.event() == {**EVENT, "dictionary": {"c": 3}}
    assert await two.event() == {**EVENT, "dictionary": {"c": 3}, "user_params": {"b": 2}}


async def test_empty_php_arrays_are_no_additions(portal: PortalFactory) -> None:
    site = await portal(5)
    page = await site.open_page(1, 5)
    event = with_params([])
    publish = {"userList": [1], "channelList": [], "body": event, "user_params": [], "dictionary": []}
    assert (await site.call(call("publish", publish))).status_code == 200
    assert await page.event() == event


async def test_php_learns_and_says_when_users_were_seen(portal: PortalFactory) -> None:
    site = await portal(5)
    await site.open_page(1, 5)
    update, ask = (
        call("updateUsersLastSeen", {"2": 1}, 1),
        call("getUsersLastSeen", {"userList": [1, 2, 3]}, 2),
    )
    _, seen = (await site.call([update, ask])).json()
    assert seen["result"]["1"] == 0
    assert seen["result"]["2"] > 0
    assert "3" not in seen["result"]


async def test_calls_are_signed_over_their_body(portal: PortalFactory) -> None:
    site = await portal(5)
    calls = call("getUsersLastSeen", {"userList": [1]})
    assert (await site.call(calls, signature=site.sign(b"other"))).status_code == 403
    assert (await site.call(calls, signature="")).status_code == 403
    assert (await site.call(calls)).status_code == 200


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
async def test_the_algorithm_of_the_settings_counts(portal: PortalFactory, algorithm: str) -> None:
    site = await portal(5, signature_algorithm=algorithm)
    calls = call("getUsersLastSeen", {"userList": [1]})
    right = hmac.new(SETTINGS["signature_key"].encode(), json.dumps(calls).encode(), algorithm).hexdigest()
    assert (await site.call(calls, signature=right)).status_code == 200
    assert (await site.call(calls)).status_code == 403  # signed with sha1


async def test_calls_over_the_limits_are_refused_whole_and_their_halves_arrive(
    portal: PortalFactory,
) -> None:
    site = await portal(5)
    page = await site.open_page(1, 5)
    publishes = [
        call("publish", {"userList": [1], "body": with_params({"n": number})}, number)
        for number in range(101)
    ]
    refused = await site.call(publishes)
    assert refused.status_code == 400
    assert {response["error"]["code"] for response in refused.json()} == {-32600}
    refused = await site.call(call("publish", {"userList": list(range(1, 102)), "body": EVENT}))
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == -32600
    large = call("publish", {"userList": [1], "body": with_params({"x": "x" * 1024 * 1024})})
    assert (await site.call(large)).status_code == 413
    for some in (publishes[:50], publishes[50:]):
        assert (await site.call(some)).status_code == 200
    assert [(await page.event())["params"]["n"] for _ in publishes] == list(range(101))


@pytest.mark.parametrize("version", [3, 4, 5])
async def test_what_php_publishes_while_a_page_is_away_is_kept_for_it(
    portal: PortalFactory, version: int
) -> None:
    site = await portal(version)
    page = await site.open_page(1, version)
    body = json.dumps(EVENT).encode()
    publish: dict[int, Callable[[], Awaitable[httpx.Response]]] = {
        3: lambda: site.post(f"{site.url('path_to_publish')}?CHANNEL_ID={site.private(1)}", body),
        4: lambda: site.post(
            f"{site.url('path_to_publish')}?binaryMode=true", batch(message([site.private(1)]))
        ),
        5: lambda: site.call(call("publish", {"userList": [1], "body": EVENT, "expiry": 60})),
    }
    assert (await publish[version]()).status_code == 200
    assert await page.event() == EVENT
    await page.socket.close()
    assert (await publish[version]()).status_code == 200
    again = await site.open_page(1, version, mid=page.mid)
    assert await again.event() == EVENT
    assert again.mid > page.mid
