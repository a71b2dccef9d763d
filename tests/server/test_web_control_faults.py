"""bxpull_server.web.control_faults, over HTTP."""

from typing import Any

import pytest


async def post(client: Any, action: str, **fields: Any) -> Any:
    answer = await client.http.post(f"/control/{action}", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def publish(client: Any, user: int = 1) -> str:
    mid: str = await client.server.add_by_user(user, module_id="m", command="c")
    return mid


async def test_faults_are_set_listed_and_cleared(client: Any) -> None:
    page = await client.subscribe(1)
    assert await post(client, "fault", kind="duplicate", user=1) == {"fault": 1}
    assert await post(client, "fault", kind="refuse", status=503, times=None, reason="busy") == {"fault": 2}
    mid = await publish(client)
    assert [(await page.record())["mid"] for _ in range(2)] == [mid, mid]
    common = {"probability": 1.0, "seed": 0}
    assert (await client.http.get("/control/faults")).json() == [
        {"fault": 1, "kind": "duplicate", "user": 1, "times": 1, "struck": 1, **common},
        {
            "fault": 2,
            "kind": "refuse",
            "status": 503,
            "reason": "busy",
            "times": None,
            "struck": 0,
            **common,
        },
    ]
    assert await post(client, "clear-faults", fault=2) == {"cleared": 1}
    assert await post(client, "clear-faults") == {"cleared": 1}
    assert (await client.http.get("/control/faults")).json() == []


@pytest.mark.parametrize("keep_history", [True, False])
async def test_a_restart_is_answered_first_and_closes_with_the_code(client: Any, keep_history: bool) -> None:
    page = await client.subscribe(1)
    first, second = await publish(client), await publish(client)
    assert await post(client, "restart", code=1012, keep_history=keep_history) == {"restarting": True}
    assert [(await page.record())["mid"] for _ in range(2)] == [first, second]
    assert (await page.closed())[0] == 1012
    await client.server.start()  # waits for its turn
    page = await client.subscribe(1, mid=first)
    third = await publish(client)
    assert (await page.record())["mid"] == (second if keep_history else third)


async def test_history_is_evicted_for_one_or_for_all(client: Any) -> None:
    await publish(client, 1)
    await publish(client, 1)
    await publish(client, 2)
    assert await post(client, "evict-history", user=1) == {"evicted": 2}
    assert await post(client, "evict-history") == {"evicted": 1}


async def test_another_revision_is_announced(client: Any) -> None:
    assert await post(client, "revision", revision=20) == {"revision": 20}
    assert (await client.config())["api"]["revision_web"] == 20


@pytest.mark.parametrize(
    ("action", "fields", "problem"),
    [
        ("fault", {}, "kind: must be one of slow_accept"),
        ("fault", {"kind": "drop", "users": [1]}, "users: there is no such field; known are kind, user"),
        ("fault", {"kind": "delay"}, "seconds: delay needs a number"),
        ("fault", {"kind": "drop", "connection": 5}, "connection: there is no connection 5; there are none"),
        ("clear-faults", {"fault": 1}, "fault: there is no fault 1; there are none"),
        ("clear-faults", {"fault": None}, "fault: must be the number of a fault; leave it out to clear all"),
        ("clear-faults", {"fault": [1]}, "fault: must be the number"),
        ("restart", {"code": 1006}, "code: must be 1000"),
        ("restart", {"keep_history": 1}, "keep_history: must be true or false"),
        ("evict-history", {"user": 0}, "user: must be a user id"),
        ("revision", {"revision": "20"}, "revision: must be a whole number from 1 on, not '20'"),
    ],
)
async def test_what_is_wrong_is_named(client: Any, action: str, fields: dict[str, Any], problem: str) -> None:
    answer = await client.http.post(f"/control/{action}", json=fields)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_event")
    assert problem in answer.json()["error_description"]


async def test_foreign_pages_see_no_faults(client: Any) -> None:
    answer = await client.http.get("/control/faults", headers={"Origin": "https://foreign.example"})
    assert answer.status_code == 403
