"""bxpull_server.web.rpc."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from bxpull_server import ManualClock
from bxpull_server.errors import EventError, JsonRpcError, RateError
from bxpull_server.web.pace import Pace
from bxpull_server.web.rpc import Methods, RpcAnswer, answer_text


async def double(params: Mapping[str, Any]) -> object:
    return params["n"] * 2


async def refuse(_params: Mapping[str, Any]) -> object:
    raise JsonRpcError(-32602, "no")


async def complain(_params: Mapping[str, Any]) -> object:
    raise EventError("dictionary", "is too deep")


METHODS: Methods = {"double": double, "refuse": refuse, "complain": complain}


def call(method: str, **members: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, **members}


async def answered(value: object) -> Any:
    answer = await answer_text(json.dumps(value), METHODS)
    assert not answer.refused
    return None if answer.text is None else json.loads(answer.text)


async def test_a_request_gets_the_result_of_its_method() -> None:
    assert await answered(call("double", params={"n": 2}, id="x")) == {
        "jsonrpc": "2.0",
        "result": 4,
        "id": "x",
    }


@pytest.mark.parametrize(
    ("method", "code", "message"),
    [
        ("refuse", -32602, "no"),
        ("complain", -32602, "dictionary: is too deep"),
        ("missing", -32601, "there is no such method; known are double, refuse, complain"),
    ],
)
async def test_a_refusal_is_an_error(method: str, code: int, message: str) -> None:
    answer = await answered(call(method, id=1))
    assert answer == {"jsonrpc": "2.0", "error": {"code": code, "message": message}, "id": 1}


async def test_a_defect_is_an_internal_error_and_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    answer = await answered(call("double", params={"s3cret": 1}, id=1))
    assert answer["error"] == {"code": -32603, "message": "the server failed: see its log"}
    assert "method double failed" in caplog.text
    assert "KeyError" in caplog.text


async def test_a_batch_is_run_in_order_and_one_bad_part_costs_only_itself() -> None:
    batch = [call("double", params={"n": 1}, id=1), call("refuse"), 5, call("double", params={"n": 2}, id=2)]
    answers = await answered(batch)
    assert [(answer["id"], answer.get("result")) for answer in answers] == [(1, 2), (None, None), (2, 4)]


async def test_notifications_are_not_answered_even_when_refused() -> None:
    assert await answered([call("refuse"), call("double", params={"n": 1})]) is None
    assert await answered(call("double", params=[1])) is None
    assert await answered({"jsonrpc": "2.0", "result": 1, "id": 1}) is None


async def test_what_is_over_the_limits_is_refused_by_every_id() -> None:
    answer = await answer_text(
        json.dumps([call("double", id=n) for n in range(100)] + [call("x"), 1]), METHODS
    )
    assert answer.refused
    assert answer.text is not None
    answers = json.loads(answer.text)
    assert [part["id"] for part in answers] == [*range(100), None]
    assert {part["error"]["code"] for part in answers} == {-32600}


async def test_notifications_over_the_limits_are_refused_once(clock: ManualClock) -> None:
    answer = await answer_text(json.dumps([call("refuse")] * 101), METHODS)
    assert answer.refused
    assert answer.text is not None
    (response,) = json.loads(answer.text)
    assert (response["id"], response["error"]["code"]) == (None, -32600)
    assert "messages_per_request" in response["error"]["message"]
    pace = Pace(clock, rate=1, burst=1)
    assert await answer_text(json.dumps(call("refuse")), METHODS, pace=pace) == RpcAnswer(None)
    answer = await answer_text(json.dumps(call("refuse")), METHODS, pace=pace)
    assert answer.refused
    assert answer.text is not None
    assert "publish_rate" in json.loads(answer.text)["error"]["message"]


async def test_what_cannot_be_read_is_refused() -> None:
    assert await answer_text("{", METHODS) == RpcAnswer(
        '{"jsonrpc":"2.0","error":{"code":-32700,"message":"the request is not JSON"},"id":null}',
        refused=True,
    )


async def test_a_refused_batch_of_what_is_no_request_gets_a_short_answer() -> None:
    answer = await answer_text(json.dumps([1] * 5000), METHODS)
    assert answer.refused
    assert answer.text is not None
    (response,) = json.loads(answer.text)
    assert response["id"] is None
    assert "messages_per_request" in response["error"]["message"]


@pytest.mark.parametrize("part", ["1", "{}", '{"jsonrpc":"2.0","method":"refuse"}'])
async def test_batches_that_are_too_long_count_as_what_is_asked_for(part: str, clock: ManualClock) -> None:
    many = f"[{','.join([part] * 600)}]"
    pace = Pace(clock, rate=100, burst=1_000)
    assert (await answer_text(many, METHODS, pace=pace)).refused
    assert (await answer_text(many, METHODS, pace=pace)).refused
    with pytest.raises(RateError):
        await answer_text(many, METHODS, pace=pace)
    clock.advance(1)
    assert (await answer_text("[1]", METHODS, pace=pace)).text is not None
