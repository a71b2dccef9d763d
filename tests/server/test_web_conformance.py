"""bxpull_server.web.conformance: the page's files, what a run may do, and its result, over HTTP."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from bxpull_server import AsyncPushServer, PushServer
from bxpull_server.conformance.client import build_client
from bxpull_server.conformance.runs import FIRST_USER
from bxpull_server.errors import EventError, StartError, WaitTimeoutError
from bxpull_server.web.conformance_run import RUN_ACTIONS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

EVENT = {"module": "conformance", "command": "check"}
CELL = {"scenario": "connects", "wire": "text, WebSocket", "outcome": "passed", "reason": "", "seconds": 0.5}
# For each action fields that are right but for the user.
FIELDS: dict[str, dict[str, Any]] = {
    "send": EVENT,
    "burst": {"count": 1},
    "fault": {"kind": "duplicate"},
    "user": {"server_version": 5},
}


@pytest.fixture
async def page(start: Callable[..., Awaitable[Any]]) -> Any:
    """A client of a server whose conformance page is on."""
    return await start(conformance=True)


async def begin(client: Any) -> dict[str, Any]:
    answer = await client.http.post("/conformance/run", json={})
    assert answer.status_code == 200, answer.text
    begun: dict[str, Any] = answer.json()
    return begun


async def act(client: Any, run: dict[str, Any], name: str, **fields: Any) -> Any:
    return await client.http.post(f"/conformance/run/{run['run']}/{name}", json=fields)


@pytest.mark.parametrize("path", ["", "index.html", "run", "result"])
async def test_a_server_without_it_says_how_to_switch_it_on(client: Any, path: str) -> None:
    answer = await client.http.get(f"/conformance/{path}")
    assert answer.status_code == 404
    assert "--conformance" in answer.text
    assert (await client.http.post("/conformance/run", json={})).status_code == 404


def test_the_server_does_without_the_generator_until_the_page_is_wanted() -> None:
    code = "import sys, bxpull_server.cli; sys.exit('bxpull' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_the_generator_the_start_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bxpull", None)
    build_client.cache_clear()
    with pytest.raises(StartError, match="needs the package bxpull"):
        PushServer(conformance=True).start()


async def test_the_page_and_all_it_loads_come_under_a_strict_policy(page: Any) -> None:
    answer = await page.http.get("/conformance/")
    assert answer.status_code == 200
    assert "'unsafe-inline'" not in answer.headers["content-security-policy"]
    assert not re.search(r"<(script|style)>|<[^>]+ (style|on\w+)=", answer.text)
    wanted = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    folder = (await begin(page))["client"]
    scripts = [f"{folder}{name}.js" for name in ("direct", "shared", "worker")]
    for name in [*wanted, "frame.html", "away.html", *scripts]:
        found = await page.http.get(f"/conformance/{name}")
        assert found.status_code == 200, name
        assert "default-src 'none'" in found.headers["content-security-policy"]
        assert ("immutable" in found.headers["cache-control"]) is (name in scripts)
    assert (await page.http.get("/conformance/nothing.js")).status_code == 404


@pytest.mark.parametrize("name", sorted(RUN_ACTIONS))
async def test_a_run_reaches_its_own_users_only(page: Any, name: str) -> None:
    run, other = await begin(page), await begin(page)
    assert (run["first_user"], other["first_user"]) == (FIRST_USER + 1_000, FIRST_USER + 2_000)
    assert (await act(page, {"run": "guessed"}, name)).status_code == 400
    if name == "send-shared":  # reaches all, so nothing of it can be chosen
        assert (await act(page, run, name, command="c")).status_code == 400
        return
    if name == "send-to-tag":
        answer = await act(page, run, name, tag=f"{other['tags']}x")
        assert "its own tags only" in answer.json()["error_description"]
        return
    for user in (1, -1, other["first_user"], -other["first_user"], run["first_user"] - 1):
        answer = await act(page, run, name, user=user, **FIELDS.get(name, {}))
        assert answer.status_code == 400
        assert answer.json()["error_description"].startswith("user: this run may touch its own users only")
    assert (await act(page, run, name, **FIELDS.get(name, {}))).status_code == 400


async def test_a_run_sends_to_its_users_and_its_tags(page: Any) -> None:
    run = await begin(page)
    user, tag = run["first_user"], f"{run['tags']}tag"
    subscriber = await page.subscribe(user)
    assert (await act(page, run, "watch", user=user, tag=tag)).json() == {"watching": True}
    assert (await act(page, run, "watch", user=user, tag="TASK_5")).status_code == 400
    for name, fields in {
        "send": {"user": user, **EVENT},
        "send-to-tag": {"tag": tag},
        "send-shared": {},
        "burst": {"user": user, "count": 1},
    }.items():
        assert (await act(page, run, name, **fields)).status_code == 200, name
        assert (await subscriber.event())["module_id"].startswith("conformance")
    (connection,) = (await act(page, run, "connections", user=user)).json()
    assert connection["open"]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("send", {"users": [1]}),
        ("send", {"channel": "0" * 32}),
        ("send", {"shared": True}),
        ("send", {"extra": {}}),
        ("disconnect", {"reason": "x"}),
        ("burst", {"count": 1_001}),
        ("burst", {"count": True}),
        ("fault", {"kind": "drop", "times": None}),
        ("fault", {"kind": "drop", "times": 21}),
        ("fault", {"kind": "drop", "connection": 1}),
    ],
)
async def test_a_run_may_not_ask_for_more(page: Any, name: str, fields: dict[str, Any]) -> None:
    run = await begin(page)
    assert (await act(page, run, name, user=run["first_user"], **fields)).status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Host": "rebound.example"}, 403),
        ({"Host": "192.168.1.7:8893"}, 200),
        ({"Host": "[fe80::1]:8893"}, 200),
        ({"Host": "laptop.local:8893"}, 200),
        ({"Host": "laptop"}, 200),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
async def test_pages_of_other_origins_are_refused(page: Any, headers: dict[str, str], status: int) -> None:
    for path in ("run", "result", "run/guessed/send"):
        answer = await page.http.post(f"/conformance/{path}", content="{}", headers=_json(headers))
        assert answer.status_code == (status if path == "run" or status != 200 else 400)


def _json(headers: dict[str, str]) -> dict[str, str]:
    return {"Content-Type": "application/json", **headers}


async def test_a_result_is_kept_told_and_ends_the_run(page: Any) -> None:
    run = await begin(page)
    user = run["first_user"]
    await act(page, run, "fault", kind="duplicate", user=user)
    await act(page, run, "send", user=user, **EVENT)
    cells = [
        CELL,
        {**CELL, "wire": "JSON-RPC, WebSocket", "outcome": "failed", "reason": "a\x1b[2J\u202eb\n"},
    ]
    body = {"run": run["run"], "browser": "ignored", "seconds": 1, "cells": cells}
    with pytest.raises(WaitTimeoutError, match="0 of 1 results"):
        await page.server.wait_conformance_result(timeout=0.01)
    answer = await page.http.post("/conformance/result", json=body, headers={"User-Agent": "Any/1\t2"})
    assert answer.json() == {"taken": 2}
    result = await page.server.wait_conformance_result()
    assert await page.server.conformance_results() == [result]
    assert (result.browser, result.count("passed"), result.count("failed")) == ("Any/1 2", 1, 1)
    assert result.cells[1].reason == "a [2J b"
    assert str(result) == "1 passed, 1 failed, 0 impossible, 1.0 s: Any/1 2"
    assert page.server._services.faults.entries == []
    assert await page.server.evict_history(user) == 0
    assert (await page.http.post("/conformance/result", json=body)).status_code == 400
    assert (await act(page, run, "send", user=user, **EVENT)).status_code == 400


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"cells": []}, "cells: must be a list of 1 to 1000"),
        ({"cells": [1]}, "cells: each must have scenario, wire, outcome, reason, seconds"),
        ({"cells": [{**CELL, "more": 1}]}, "cells: each must have"),
        ({"cells": [CELL, CELL]}, "cells: must name each scenario on each wire once"),
        ({"cells": [{**CELL, "scenario": "<b>"}]}, "scenario: must be up to 80"),
        ({"cells": [{**CELL, "wire": 1}]}, "wire: must be up to 80"),
        ({"cells": [{**CELL, "outcome": "fine"}]}, "outcome: must be one of passed, failed, impossible"),
        ({"cells": [{**CELL, "outcome": []}]}, "outcome: must be one of"),
        ({"cells": [{**CELL, "reason": None}]}, "reason: must be a text"),
        ({"cells": [{**CELL, "seconds": -1}]}, "seconds: must be a number"),
        ({"seconds": True}, "seconds: must be a number"),
        ({"run": 1}, "there is no such run"),
        ({"extra": 1}, "extra: there is no such field"),
    ],
)
async def test_a_result_that_is_none_is_refused(page: Any, changes: dict[str, Any], problem: str) -> None:
    body = {"run": (await begin(page))["run"], "seconds": 1, "cells": [CELL], **changes}
    answer = await page.http.post("/conformance/result", json=body)
    assert answer.status_code == 400
    assert answer.json()["error_description"].startswith(problem)
    assert await page.server.conformance_results() == []


async def test_a_result_has_its_limit(page: Any) -> None:
    body = {"run": (await begin(page))["run"], "cells": "x" * 256 * 1024}
    assert (await page.http.post("/conformance/result", json=body)).status_code == 413


async def test_of_many_runs_the_newest_are_kept(page: Any) -> None:
    runs = [await begin(page) for _ in range(101)]
    statuses = [
        (await act(page, run, "connections", user=run["first_user"])).status_code
        for run in (runs[0], runs[1], runs[-1])
    ]
    assert statuses == [400, 200, 200]


async def test_there_is_no_result_before_the_first() -> None:
    with pytest.raises(EventError, match="count: must be at least 1"):
        await AsyncPushServer().wait_conformance_result(0)


def test_the_thread_s_server_tells_results_too() -> None:
    with PushServer(conformance=True) as server:
        assert server.conformance_results() == []
        with pytest.raises(WaitTimeoutError):
            server.wait_conformance_result(timeout=0.01)
