"""bxpull_server.web.publishing: what is published while the server stops, by every way to publish."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bxpull_server.errors import NotRunningError
from bxpull_server.protocol.channels import Signer
from bxpull_server.protocol.protobuf.coding import encode
from bxpull_server.protocol.protobuf.schema import (
    Channel,
    IncomingMessage,
    IncomingMessagesRequest,
    Request,
    RequestBatch,
)

EVENT = {"module_id": "m", "command": "late"}
SENTENCE = "the server is stopping: nothing was published, try again when it is back"


def protobuf(public_id: str) -> bytes:
    channel, _, signature = public_id.partition(".")
    receiver = Channel(bytes.fromhex(channel), signature=bytes.fromhex(signature))
    message = IncomingMessage((receiver,), body=json.dumps({**EVENT, "params": {}}))
    return encode(RequestBatch((Request(IncomingMessagesRequest((message,))),)))


async def requests(client: Any) -> list[tuple[str, str, dict[str, str], bytes]]:
    """One request for each way to publish over HTTP: path, query, headers, body."""
    config = await client.config()
    private, public = (config["channels"]["private"][name] for name in ("id", "public_id"))
    call = {"jsonrpc": "2.0", "method": "publish", "params": {"userList": [1], "body": EVENT}, "id": 1}
    rpc = json.dumps(call).encode()
    as_json = {"Content-Type": "application/json"}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return [
        ("/bitrix/pub/", f"CHANNEL_ID={private.partition(':')[0]}", {}, json.dumps(EVENT).encode()),
        ("/bitrix/pub/", "binaryMode=true", {}, protobuf(public)),
        ("/bitrix/pubweb/", "", {}, protobuf(public)),
        ("/bitrix/api/", f"hostId=h&signature={Signer('k').signature(rpc)}", {}, rpc),
        (
            "/control/send",
            "",
            as_json,
            json.dumps({"user": 1, "module": "m", "command": "late"}).encode(),
        ),
        ("/rest/pull.application.event.add", "", form, b"COMMAND=late&auth=TOKEN"),
    ]


@pytest.mark.parametrize("way", range(6))
async def test_what_arrives_after_stopping_began_is_refused_and_told_so(
    start: Callable[..., Any], way: int
) -> None:
    client = await start(server_version=5, signature_key="k")
    await client.server.add_application("app", "TOKEN", user=1, admin=True)
    page = await client.subscribe(1)
    mid = await client.server.add_by_user(1, module_id="m", command="in_time")
    path, query, headers, body = (await requests(client))[way]
    goes_on, begun = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield body[:1]
        begun.set()
        await goes_on.wait()
        yield body[1:]

    request = client.http.post(
        f"{path}?{query}", headers={**headers, "Content-Length": str(len(body))}, content=slowly()
    )
    publishing = asyncio.create_task(request)
    await begun.wait()
    await client.http.get("/server-stat/")  # by then the other request's head has arrived
    stopping = asyncio.create_task(client.server.stop())
    assert (await page.record())["mid"] == mid
    assert (await page.closed())[0] == 1001
    goes_on.set()
    answer = await publishing
    await stopping
    assert SENTENCE in answer.text
    assert answer.status_code == (200 if path == "/bitrix/api/" else 503)
    with pytest.raises(NotRunningError):
        await client.server.add_by_user(1, module_id="m", command="late")
    await client.server.start()
    page = await client.subscribe(1, mid=mid)
    after = await client.server.add_by_user(1, module_id="m", command="after")
    assert (await page.record())["mid"] == after
