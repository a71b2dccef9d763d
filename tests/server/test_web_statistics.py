"""bxpull_server.web.statistics."""

from collections.abc import Callable
from typing import Any


async def test_server_stat_counts(start: Callable[..., Any]) -> None:
    client = await start(server_version=5)
    await client.subscribe(1)
    await client.subscribe(2, flags="jsonRpc=true")
    await client.server.add_shared(module_id="m", command="c")
    stat = (await client.http.get("/server-stat/")).json()
    assert (stat["server"], stat["server_version"]) == ("bxpull", 5)
    assert stat["formats"] == {"json-rpc": 1, "text": 1}
    assert stat["transports"] == {"websocket": 2}
    # Two private ids, two public ones, the shared one.
    assert (stat["connections"], stat["channels"], stat["published"], stat["delivered"]) == (2, 5, 1, 2)
    assert stat["uptime"] >= 0
