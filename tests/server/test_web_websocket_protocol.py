"""bxpull_server.web.websocket_protocol: ends of connections that meet what is being sent."""

from typing import Any

import pytest
from websockets.exceptions import InvalidMessage, InvalidStatus

from bxpull_server.web.websocket_protocol import SubscriberProtocol


@pytest.mark.parametrize("ending", [b"\x88\x80abcd", b"\x83\x80abcd"], ids=["a close frame", "no frame"])
async def test_an_event_that_meets_the_end_of_a_connection_is_no_defect(
    client: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, ending: bytes
) -> None:
    page = await client.subscribe(1)
    (connection,) = client.server._services.hub.of_user(1)
    handle = SubscriberProtocol.data_received

    def data_received(protocol: SubscriberProtocol, data: bytes) -> None:
        connection.push_raw("under way")  # taken by the writer before the reader hears of the end
        handle(protocol, data)

    monkeypatch.setattr(SubscriberProtocol, "data_received", data_received)
    page.socket.transport.write(ending)
    await client.server.wait_disconnected(1)
    await client.subscribe(1)
    assert "Traceback" not in caplog.text
    assert "Exception" not in caplog.text


async def test_a_handshake_that_meets_the_end_of_the_server_is_no_defect(
    client: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = SubscriberProtocol.send

    async def late(protocol: SubscriberProtocol, message: Any) -> None:
        if not protocol.handshake_complete:
            protocol.shutdown()
        await send(protocol, message)

    monkeypatch.setattr(SubscriberProtocol, "send", late)
    with pytest.raises(InvalidStatus):
        await client.open("CHANNEL_ID=refused")
    monkeypatch.undo()
    await client.subscribe(1)
    assert "Traceback" not in caplog.text
    assert "Exception" not in caplog.text


async def test_a_peer_that_leaves_before_it_is_answered_is_no_defect(
    client: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = SubscriberProtocol.send

    async def late(protocol: SubscriberProtocol, message: Any) -> None:
        protocol.transport.abort()
        await send(protocol, message)

    monkeypatch.setattr(SubscriberProtocol, "send", late)
    with pytest.raises(InvalidMessage):
        await client.open("CHANNEL_ID=refused")
    monkeypatch.undo()
    await client.subscribe(1)
    assert "handshake" not in caplog.text
