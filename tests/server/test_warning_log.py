"""bxpull_server.warning_log: an attack does not fill the log, and nothing of it goes untold."""

import asyncio
import logging
import re
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from bxpull_server import ManualClock
from bxpull_server.errors import RefusedError
from bxpull_server.warning_log import AT_ONCE, INTERVAL_S, WarningLog

LOG = logging.getLogger("bxpull_server.test")
LINES = AT_ONCE * 5


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged since this was asked last."""
    found = [record.getMessage() for record in caplog.records if record.name == LOG.name]
    caplog.clear()
    return found


def test_of_each_kind_some_come_at_once_and_the_others_as_a_number(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    warnings = WarningLog(clock)
    for number in range(LINES):
        warnings.warn(LOG, "refused: %s", number)
        warnings.warn(LOG, "left: %s, %d", "a", number)
    found = lines(caplog)
    assert found[:2] == ["refused: 0", "left: a, 0"]
    assert len(found) == 2 * AT_ONCE
    clock.advance(INTERVAL_S)
    more = f"(the newest of {LINES - AT_ONCE} more like this in 10 s)"
    assert lines(caplog) == [f"refused: {LINES - 1} {more}", f"left: a, {LINES - 1} {more}"]


def test_under_a_lasting_attack_the_lines_do_not_grow_with_it(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    warnings = WarningLog(clock)
    sent = 0
    for _ in range(1000):
        for _ in range(100):
            warnings.warn(LOG, "refused: %s", sent)
            sent += 1
        clock.advance(INTERVAL_S / 100)
    warnings.flush()
    found = lines(caplog)
    assert len(found) <= 11 * (AT_ONCE + 1)
    # Each was told, by itself or in a number.
    told = sum(int(count[1]) if (count := re.search(r"newest of (\d+)", line)) else 1 for line in found)
    assert told == sent


def test_afterwards_each_comes_at_once_again(clock: ManualClock, caplog: pytest.LogCaptureFixture) -> None:
    warnings = WarningLog(clock)
    for _ in range(3):
        for number in range(AT_ONCE):
            warnings.warn(LOG, "refused: %s", number)
        clock.advance(INTERVAL_S)
    assert len(lines(caplog)) == 3 * AT_ONCE


def test_the_end_of_the_server_tells_what_was_withheld(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    warnings = WarningLog(clock)
    for number in range(AT_ONCE + 2):
        warnings.warn(LOG, "refused: %s", number)
    lines(caplog)
    clock.advance(2.5)
    warnings.flush()
    assert lines(caplog) == [f"refused: {AT_ONCE + 1} (the newest of 2 more like this in 2.5 s)"]
    clock.advance(INTERVAL_S)
    assert lines(caplog) == []


def test_errors_are_not_kept_with_what_their_tracebacks_hold(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    warnings = WarningLog(clock)
    error = RefusedError("bad")
    kept = weakref.ref(error)
    for _ in range(LINES):
        warnings.warn(LOG, "refused: %s", error)
    del error
    assert kept() is None
    assert lines(caplog)[0] == "refused: bad"


def test_a_logger_of_others_has_its_errors_and_its_level(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    paced = WarningLog(clock).paced(LOG)
    for _ in range(LINES):
        paced.warning("Invalid %s", "request")
        paced.error("a defect")
    found = lines(caplog)
    assert (found.count("Invalid request"), found.count("a defect")) == (AT_ONCE, LINES)
    assert paced.level == LOG.level


LOCAL, EVIL = b" HTTP/1.1\r\nHost: localhost\r\n", b" HTTP/1.1\r\nHost: evil.example\r\n"
BAD_REQUESTS = [
    pytest.param(b"\x16\x03\x01 no HTTP\r\n\r\n", "Invalid HTTP request", id="no HTTP"),
    pytest.param(b"GET /" + b"a" * 40_000 + LOCAL + b"\r\n", "url_limit", id="long"),
    pytest.param(b"GET /bitrix/sub/?CHANNEL_ID=x" + LOCAL + b"\r\n", "poll refused", id="poll"),
    pytest.param(b"POST /bitrix/pub/?CHANNEL_ID=x" + LOCAL + b"\r\n", "back end's", id="publish"),
    pytest.param(
        b"POST /bitrix/pubweb/" + LOCAL + b"Content-Length: 1\r\n\r\nx", "browser publish", id="page"
    ),
    pytest.param(b"POST /bitrix/api/" + LOCAL + b"\r\n", "API request", id="API"),
    pytest.param(b"GET /rest/pull.config.get.json" + EVIL + b"\r\n", "allowed_hosts", id="host"),
    pytest.param(
        b"GET /rest/pull.config.get.json" + LOCAL + b"Origin: http://evil.example\r\n\r\n",
        "cors_origins",
        id="origin",
    ),
]


@pytest.mark.parametrize(("request_", "words"), BAD_REQUESTS)
async def test_requests_of_each_kind_leave_few_lines(
    start: Callable[..., Any], caplog: pytest.LogCaptureFixture, request_: bytes, words: str
) -> None:
    client = await start(clock=ManualClock())
    for _ in range(AT_ONCE + 10):
        reader, writer = await asyncio.open_connection("127.0.0.1", client.server.port)
        writer.write(request_)
        assert await reader.read(1)
        writer.close()
    await client.server.stop()
    told = [record.getMessage() for record in caplog.records if words in record.getMessage()]
    assert len(told) == AT_ONCE + 1
    assert told[-1].endswith("(the newest of 10 more like this in 0 s)")


async def test_sockets_of_each_kind_leave_few_lines(
    start: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    client = await start(clock=ManualClock())
    query = await client.query(flags="binaryMode=true")
    for _ in range(AT_ONCE + 10):
        assert await (await client.open("CHANNEL_ID=x")).closed()
        page = await client.open(query)
        await page.socket.send(b"no batch")
        assert await page.closed()
    await client.server.stop()
    told = [record.getMessage() for record in caplog.records]
    for words in ("subscription refused", "may not publish this"):
        assert sum(words in line for line in told) == AT_ONCE + 1
