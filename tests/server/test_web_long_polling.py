"""bxpull_server.web.long_polling, over HTTP."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bxpull_server import ManualClock
from bxpull_server.journal import PollClosed, PollOpened
from bxpull_server.parked_polls import KEEP_S
from bxpull_server.protocol.channels import Signer
from bxpull_server.protocol.jsonrpc import decode_incoming
from bxpull_server.protocol.protobuf.frames import decode_frame
from bxpull_server.protocol.text import TextCodec, decode_text

SUB = "/bitrix/sub/"
A = "a" * 32


@pytest.fixture
async def client(start: Callable[..., Any]) -> Any:
    """A client of a server whose clock moves only when told to."""
    return await start(clock=ManualClock())


class Page:
    """A page that polls: it asks again from where the last answer ended."""

    def __init__(self, client: Any, query: str) -> None:
        self._client = client
        self._query = query
        self.mid = ""

    async def ask(self) -> httpx.Response:
        """One poll, answered."""
        mid = f"&mid={self.mid}" if self.mid else ""
        answer: httpx.Response = await self._client.http.get(f"{SUB}?{self._query}{mid}")
        self.mid = answer.headers.get("last-message-id", self.mid)
        return answer

    async def asking(self) -> asyncio.Task[httpx.Response]:
        """One poll that has reached the server."""
        before = len(polls(self._client))
        task = asyncio.create_task(self.ask())
        await self._client.server.wait_request(lambda _entry: len(polls(self._client)) > before)
        return task


def polls(client: Any) -> list[PollOpened]:
    return [entry for entry in client.server.requests if isinstance(entry, PollOpened)]


async def page_of(client: Any, user: int = 1, mid: str | None = None, flags: str = "") -> Page:
    return Page(client, await client.query(user, mid, flags=flags))


def events(answer: httpx.Response) -> list[Any]:
    assert answer.status_code == 200, answer.text
    return [record["text"] for record in decode_text(answer.text).records]


async def test_a_poll_is_answered_as_soon_as_there_is_an_event(client: Any) -> None:
    page = await page_of(client)
    polling = await page.asking()
    mid = await client.server.add_by_user(1, module_id="m", command="c", params={"a": 1})
    answer = await polling
    (record,) = decode_text(answer.text).records
    assert (record["mid"], record["text"]["params"]) == (mid, {"a": 1})
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["last-message-id"] == mid


async def test_version_four_gets_protobuf(client: Any) -> None:
    polling = await (await page_of(client, flags="binaryMode=true")).asking()
    mid = await client.server.add_shared(module_id="m", command="c")
    answer = await polling
    (message,) = decode_frame(answer.content).messages
    assert message.id.hex() == mid
    assert answer.headers["content-type"] == "application/octet-stream"


async def test_version_five_gets_json_rpc_and_no_pings(start: Callable[..., Any]) -> None:
    client = await start(clock=ManualClock(), server_version=5)
    page = await page_of(client, flags="jsonRpc=true")
    polling = await page.asking()
    client.server._clock.advance(30)
    mid = await client.server.add_by_user(1, module_id="m", command="c")
    answer = await polling
    (params,) = decode_incoming(answer.text).events
    assert params["mid"] == mid
    assert answer.headers["content-type"] == "application/json"
    for command in ("d", "e"):
        await client.server.add_by_user(1, module_id="m", command=command)
    answer = await page.ask()
    assert [params["body"]["command"] for params in decode_incoming(answer.text).events] == ["d", "e"]
    assert isinstance(json.loads(answer.text), list)


async def test_without_an_event_the_answer_after_forty_seconds_is_304_with_the_position(client: Any) -> None:
    page = await page_of(client)
    polling = await page.asking()
    client.server._clock.advance(39)
    await client.http.get("/server-stat/")
    assert not polling.done()
    client.server._clock.advance(1)
    answer = await polling
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["expires"] == "Thu, 01 Jan 1973 11:11:01 GMT"
    assert len(answer.headers["last-message-id"]) == 26
    assert client.server.requests[-1] == PollClosed(1, 1, 304)


async def test_how_long_a_poll_waits_is_an_option(start: Callable[..., Any]) -> None:
    client = await start(poll_timeout_s=0.05)
    assert (await (await page_of(client)).ask()).status_code == 304


async def test_what_comes_between_two_polls_is_not_lost(client: Any) -> None:
    page = await page_of(client)
    polling = await page.asking()
    client.server._clock.advance(40)
    await polling
    kept = await client.server.add_by_user(1, module_id="m", command="kept")
    await client.server.add_by_user(1, module_id="m", command="live", expiry=0)
    answer = await page.ask()
    assert next(record["mid"] for record in decode_text(answer.text).records) == kept
    assert [event["command"] for event in events(answer)] == ["kept", "live"]


async def test_what_comes_while_the_client_is_away_is_resumed_by_mid(client: Any) -> None:
    page = await page_of(client)
    polling = await page.asking()
    await client.server.add_by_user(1, module_id="m", command="first")
    await polling
    client.server._clock.advance(KEEP_S)
    assert await client.server.connections() == []
    await client.server.add_by_user(1, module_id="m", command="second")
    assert [event["command"] for event in events(await page.ask())] == ["second"]


async def test_an_answer_that_did_not_arrive_is_given_again(client: Any) -> None:
    page = await page_of(client)
    page.mid = "0" * 26
    await client.server.add_by_user(1, module_id="m", command="c")
    lost = await page.ask()
    page.mid = "0" * 26
    assert decode_text((await page.ask()).text) == decode_text(lost.text)


async def test_a_long_history_comes_in_several_answers(client: Any) -> None:
    sent = [
        await client.server.add_by_user(1, module_id="m", command="c", params={"x": "x" * 1000})
        for _ in range(200)
    ]
    page = await page_of(client)
    page.mid = "0" * 26
    got: list[str] = []
    while len(got) < len(sent):
        got += [record["mid"] for record in decode_text((await page.ask()).text).records]
    assert got == sent
    assert len(polls(client)) > 1


async def test_polls_that_follow_each_other_are_one_connection(client: Any) -> None:
    page = await page_of(client)
    for _ in range(3):
        polling = await page.asking()
        await client.server.add_by_user(1, module_id="m", command="c")
        await polling
        (connection,) = await client.server.connections()
        assert (connection.user, connection.format) == (1, "text")
    assert [entry.connection for entry in polls(client)] == [1, 1, 1]
    assert client.server._hub.connections[0].transport == "long polling"


async def test_two_pages_with_the_same_query_both_get_the_event(client: Any) -> None:
    pages = [await page_of(client), await page_of(client)]
    for command in ("a", "b"):
        polling = [await page.asking() for page in pages]
        await client.server.add_by_user(1, module_id="m", command=command)
        assert [[event["command"] for event in events(await one)] for one in polling] == [[command]] * 2


async def test_a_poller_is_online_between_its_polls_and_not_long_after(client: Any) -> None:
    page = await page_of(client)
    polling = await page.asking()
    client.server._clock.advance(40)
    await polling
    presence = client.server._hub.presence
    assert presence.is_online(1)
    client.server._clock.advance(KEEP_S - 0.1)
    polling = await page.asking()
    client.server._clock.advance(KEEP_S)
    assert presence.is_online(1)
    client.server._clock.advance(40)
    await polling
    client.server._clock.advance(KEEP_S)
    assert not presence.is_online(1)


async def test_a_client_that_goes_away_is_noticed_and_loses_nothing(client: Any) -> None:
    page = await page_of(client)
    page.mid = "0" * 26
    polling = await page.asking()
    polling.cancel()
    await client.server.wait_disconnected(1)
    assert client.server.requests[-1] == PollClosed(1, 1, 0)
    await client.server.add_by_user(1, module_id="m", command="c")
    assert [event["command"] for event in events(await page.ask())] == ["c"]


async def test_without_a_mid_only_new_events_come(client: Any) -> None:
    await client.server.add_by_user(1, module_id="m", command="old")
    polling = await (await page_of(client)).asking()
    await client.server.add_by_user(1, module_id="m", command="new")
    assert [event["command"] for event in events(await polling)] == ["new"]


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5])
async def test_text_is_there_in_every_version(start: Callable[..., Any], version: int) -> None:
    client = await start(server_version=version)
    polling = await (await page_of(client)).asking()
    await client.server.add_by_user(1, module_id="m", command="c")
    assert [event["command"] for event in events(await polling)] == ["c"]


@pytest.mark.parametrize(
    ("query", "status", "problem"),
    [
        ("", 400, "CHANNEL_ID is missing"),
        (f"CHANNEL_ID={A}&oops=1", 400, "unknown query key"),
        (f"CHANNEL_ID={A}", 403, "has no signature"),
        (f"CHANNEL_ID={A}.ff", 403, "has a wrong signature"),
        ("token=a.b.c", 403, "the token is malformed"),
    ],
)
async def test_refusals_have_a_status_and_a_sentence(
    client: Any, query: str, status: int, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await client.http.get(f"{SUB}?{query}")
    assert answer.status_code == status
    assert answer.text.startswith(problem) or problem in answer.text
    assert A not in answer.text + caplog.text
    opened, closed = client.server.requests
    assert opened == PollOpened(0, SUB, query, 0, None)
    assert closed == PollClosed(0, 0, status)


async def test_a_replaced_channel_is_refused_after_saying_so(client: Any) -> None:
    page = await page_of(client)
    polling = await page.asking()
    client.server._clock.advance(40)
    await polling
    await client.server.expire_channel(1)
    (event,) = events(await page.ask())
    assert (event["command"], event["params"]["action"]) == ("channel_expire", "reconnect")
    answer = await page.ask()
    assert answer.status_code == 403
    assert answer.text.startswith("this channel was replaced")
    assert await client.server.connections() == []


async def test_with_a_token_a_replaced_channel_is_told_of_by_the_next_poll_among_the_events_of_both(
    start: Callable[..., Any],
) -> None:
    client = await start(clock=ManualClock(), server_version=5)
    page = await page_of(client, flags="jsonRpc=true")
    polling = await page.asking()
    client.server._clock.advance(40)
    await polling
    await client.server.add_by_user(1, module_id="m", command="before")
    await client.server.expire_channel(1)
    await client.server.add_by_user(1, module_id="m", command="behind")
    heard = decode_incoming((await page.ask()).text).events
    assert [params["body"]["command"] for params in heard] == ["before", "channel_expire", "behind"]
    assert page.mid == heard[2]["mid"]
    await client.server.add_by_user(1, module_id="m", command="next")
    (params,) = decode_incoming((await page.ask()).text).events
    assert params["body"]["command"] == "next"
    assert len(await client.server.connections()) == 1


async def test_more_connections_than_a_user_may_have_are_refused(start: Callable[..., Any]) -> None:
    client = await start(connections_per_user=1)
    polling = await (await page_of(client)).asking()
    answer = await (await page_of(client)).ask()
    assert (answer.status_code, "has 1 connections" in answer.text) == (429, True)
    await client.server.add_by_user(1, module_id="m", command="c")
    assert (await polling).status_code == 200


@pytest.mark.parametrize(
    ("code", "reason", "status", "text"),
    [
        (1001, "", 503, "1001\n"),
        (4010, "no", 403, "4010 no\n"),
        (3001, "why", 503, "3001 why\n"),
        (3001, "a\ud83d", 503, "3001 a?\n"),
    ],
)
async def test_a_disconnected_poll_is_told_the_code(
    client: Any, code: int, reason: str, status: int, text: str
) -> None:
    polling = await (await page_of(client)).asking()
    assert await client.server.disconnect(1, code, reason) == 1
    answer = await polling
    assert (answer.status_code, answer.text) == (status, text)
    assert await client.server.connections() == []


@pytest.mark.parametrize(("code", "text"), [(1001, "1001 why\n"), (4010, "4010 why\n")])
async def test_a_code_given_between_two_polls_is_told_by_the_next(client: Any, code: int, text: str) -> None:
    page = await page_of(client)
    polling = await page.asking()
    client.server._clock.advance(40)
    await polling
    assert await client.server.disconnect(1, code, "why") == 1
    assert (await page.ask()).text == text


@pytest.mark.parametrize(
    ("method", "options", "text"), [("stop", {}, "1001\n"), ("restart", {"code": 1012}, "1012\n")]
)
async def test_a_server_that_ends_has_no_polls_any_more(
    client: Any, method: str, options: dict[str, int], text: str
) -> None:
    page, other = await page_of(client), await page_of(client, 2)
    polling = await page.asking()
    waiting = await other.asking()
    await client.server.add_by_user(1, module_id="m", command="c")
    await polling
    await getattr(client.server, method)(**options)
    assert ((await waiting).status_code, (await waiting).text) == (503, text)
    assert await client.server.connections() == []


async def test_a_server_that_is_stopping_turns_polls_away(client: Any) -> None:
    page = await page_of(client)
    client.server._services.stopping = True
    answer = await page.ask()
    assert (answer.status_code, answer.text) == (503, "1001 the server is stopping\n")


@pytest.mark.parametrize("message", ["#!NGINXNMS!#oops#!NGINXNME!#", b"\x0a\xff"])
async def test_a_raw_message_is_the_whole_answer(client: Any, message: str | bytes) -> None:
    page = await page_of(client)
    polling = await page.asking()
    assert await client.server.send_raw(1, message) == 1
    answer = await polling
    assert answer.content == (message if isinstance(message, bytes) else message.encode())
    await client.server.add_by_user(1, module_id="m", command="c")
    assert [event["command"] for event in events(await page.ask())] == ["c"]


async def test_a_raw_message_is_not_taken_between_two_polls(client: Any) -> None:
    page = await page_of(client)
    polling = await page.asking()
    await client.server.add_by_user(1, module_id="m", command="c")
    await polling
    assert await client.server.send_raw(1, "oops") == 0
    await client.server.add_by_user(1, module_id="m", command="d")
    assert [event["command"] for event in events(await page.ask())] == ["d"]


async def test_pages_of_allowed_origins_may_read_answers_and_position(client: Any) -> None:
    headers = {"Origin": "http://localhost:3000"}
    await client.server.add_by_user(1, module_id="m", command="c")
    for query, status in ((await client.query(mid="0" * 26), 200), ("", 400)):
        answer = await client.http.get(f"{SUB}?{query}", headers=headers)
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
        assert answer.headers["access-control-expose-headers"] == "Last-Message-Id"


async def test_pages_of_foreign_origins_may_not_poll(client: Any) -> None:
    query = await client.query()
    answer = await client.http.get(f"{SUB}?{query}", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "option cors_origins" in answer.text
    assert polls(client)[0].origin == "https://evil.example"


async def test_a_preflight_request_is_answered(client: Any) -> None:
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"}
    answer = await client.http.options(SUB, headers=headers)
    assert answer.status_code == 204
    assert "GET" in answer.headers["access-control-allow-methods"]


async def test_a_head_request_takes_no_events(client: Any) -> None:
    answer = await client.http.head(f"{SUB}?{await client.query(mid='0' * 26)}")
    assert answer.status_code == 405


async def test_a_slow_poller_is_told_to_come_again_and_resumes(start: Callable[..., Any]) -> None:
    client = await start(queue_limit=1000, clock=ManualClock())
    page = await page_of(client)
    polling = await page.asking()
    client.server._clock.advance(40)
    await polling
    for _ in range(3):
        await client.server.add_by_user(1, module_id="m", command="c", params={"x": "x" * 400})
    answer = await page.ask()
    assert answer.status_code == 503
    assert answer.text.startswith("1013 the queue of unread messages is full")
    assert len(events(await page.ask())) == 3


async def test_a_public_id_is_no_right_to_poll(start: Callable[..., Any]) -> None:
    client = await start(signature_key="k")
    answer = await client.http.get(f"{SUB}?CHANNEL_ID={Signer('k').sign_public(A)}")
    assert (answer.status_code, "is a public id" in answer.text) == (403, True)


async def test_a_defect_in_answering_is_an_error_and_ends_the_connection(
    client: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    polling = await (await page_of(client)).asking()
    monkeypatch.setattr(TextCodec, "join", lambda _self, _frames: 1 / 0)
    await client.server.add_by_user(1, module_id="m", command="c")
    assert (await polling).status_code == 500
    assert "ZeroDivisionError" in caplog.text
    assert await client.server.connections() == []


async def test_a_verdict_that_did_not_arrive_is_given_again(client: Any) -> None:
    mid = await client.server.add_by_user(1, module_id="m", command="seen")
    lost = await client.server.add_by_user(1, module_id="m", command="lost")
    await client.server.evict_history()
    first, again = [await page_of(client, 1, mid, "verdict=true") for _ in range(2)]
    verdicts = [events(await page.ask()) for page in (first, again)]
    assert [[event["params"]["through"] for event in found] for found in verdicts] == [[lost], [lost]]


async def test_polls_that_say_they_heard_the_verdict_go_on_with_their_connection(client: Any) -> None:
    mid = await client.server.add_by_user(1, module_id="m", command="seen")
    page = await page_of(client, 1, mid, "verdict=true")
    (verdict,) = events(await page.ask())
    before = {connection.number for connection in await client.server.connections()}
    other = await page_of(client, 1, mid, f"verdict={verdict['params']['position']}")
    asked = await other.asking()
    await client.server.add_by_user(1, module_id="m", command="next")
    assert [event["command"] for event in events(await asked)] == ["next"]
    assert {connection.number for connection in await client.server.connections()} == before


async def test_a_verdict_that_is_none_is_refused(client: Any) -> None:
    page = await page_of(client, 1, None, "verdict=maybe")
    answer = await page.ask()
    assert answer.status_code == 400
    assert "verdict must be true, false" in answer.text
