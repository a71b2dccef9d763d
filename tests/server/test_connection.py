"""bxpull_server.connection."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bxpull_server.batch import BATCH_SIZE, Batch
from bxpull_server.connection import OVERFLOW, CloseOrder, Connection, raw_message
from bxpull_server.errors import EventError
from bxpull_server.protocol.codecs import PROTOBUF, TEXT, AnyCodec, Frame
from bxpull_server.protocol.messages import Message
from bxpull_server.protocol.protobuf.frames import decode_frame
from bxpull_server.protocol.text import decode_text


def mid(number: int) -> str:
    return f"{number:026d}"


def message(number: int, text: str = "") -> Message:
    return Message(mid(number), "a" * 32, f'{{"module_id":"m","n":{number},"text":"{text}"}}', 0)


def numbers(payload: Frame | CloseOrder) -> list[int]:
    assert isinstance(payload, str)
    return [record["text"]["n"] for record in decode_text(payload).records]


def nothing() -> None:
    """An idle callback nobody listens to."""


def make(
    queue_limit: int = 1_000_000, on_idle: Callable[[], None] = nothing, codec: AnyCodec = TEXT
) -> Connection:
    return Connection(
        number=1,
        user=1,
        channels=("a" * 32,),
        codec=codec,
        transport="websocket",
        opened_at=0,
        queue_limit=queue_limit,
        on_idle=on_idle,
    )


def push(connection: Connection, *wanted: int) -> None:
    for number in wanted:
        connection.deliver(Batch([message(number)]))


async def test_what_waits_goes_out_together() -> None:
    connection = make()
    push(connection, 1, 2, 3)
    assert numbers(await connection.take()) == [1, 2, 3]
    assert connection.sent == 3


async def test_the_first_message_to_an_idle_connection_goes_out_at_once() -> None:
    connection = make()
    taking = asyncio.create_task(connection.take())
    await asyncio.wait([taking], timeout=0)
    push(connection, 1)
    assert numbers(await taking) == [1]


async def test_a_batch_is_bounded() -> None:
    connection = make()
    for number in (1, 2, 3):
        connection.deliver(Batch([message(number, "x" * (BATCH_SIZE // 2 + 1))]))
    assert [numbers(await connection.take()) for _ in range(3)] == [[1], [2], [3]]


async def test_history_comes_first_and_what_is_in_both_comes_once() -> None:
    connection = make()
    connection.hold("")
    push(connection, 3, 4)
    taking = asyncio.create_task(connection.take())
    _, pending = await asyncio.wait([taking], timeout=0)
    assert pending
    connection.replay([message(1), message(2), message(3)])
    assert numbers(await taking) == [1, 2, 3]
    assert numbers(await connection.take()) == [4]


async def test_long_history_comes_in_bounded_pieces() -> None:
    connection = make()
    connection.replay(message(number) for number in range(1, 2001))
    got: list[int] = []
    while len(got) < 2000:
        piece = await connection.take()
        assert len(str(piece)) < 2 * BATCH_SIZE
        got += numbers(piece)
    assert got == list(range(1, 2001))


async def test_a_live_batch_of_nothing_but_history_is_skipped() -> None:
    connection = make()
    connection.replay([message(5)])
    assert numbers(await connection.take()) == [5]
    push(connection, 4, 5, 6)
    assert numbers(await connection.take()) == [6]


async def test_raw_text_goes_out_alone_and_in_its_place() -> None:
    connection = make()
    push(connection, 1)
    assert connection.push_raw("garbage")
    push(connection, 2)
    assert numbers(await connection.take()) == [1]
    assert await connection.take() == "garbage"
    assert numbers(await connection.take()) == [2]


async def test_closing_waits_for_what_is_queued_and_takes_no_more() -> None:
    connection = make()
    push(connection, 1)
    connection.close(CloseOrder(1001))
    connection.close(CloseOrder(3000))
    push(connection, 2)
    assert not connection.push_raw("x")
    assert numbers(await connection.take()) == [1]
    assert await connection.take() == CloseOrder(1001)


async def test_a_full_queue_closes_at_once_and_forgets_what_waits(caplog: pytest.LogCaptureFixture) -> None:
    frame = TEXT.encode(message(1))
    connection = make(queue_limit=len(frame))
    orders: list[CloseOrder] = []
    connection.on_closing = orders.append
    push(connection, 1)
    assert not connection.closing
    push(connection, 2)
    assert orders == [OVERFLOW]
    assert await connection.take() == OVERFLOW
    assert "reads too slowly" in caplog.text


async def test_tells_when_everything_was_handed_over() -> None:
    idle = asyncio.Event()
    connection = make(on_idle=idle.set)
    push(connection, 1)
    states = [connection.idle]
    await connection.take()
    states += [connection.idle, idle.is_set()]
    taking = asyncio.create_task(connection.take())
    await idle.wait()
    assert states == [False, False, False]
    assert (connection.idle, connection.queued) == (True, 0)
    connection.close(CloseOrder(1001))
    await taking


async def test_binary_frames_are_joined_and_counted_like_text() -> None:
    connection = make(codec=PROTOBUF)
    push(connection, 1, 2)
    payload = await connection.take()
    assert isinstance(payload, bytes)
    assert [found.id.hex() for found in decode_frame(payload).messages] == [mid(1), mid(2)]
    assert connection.push_raw(b"\xff")
    assert await connection.take() == b"\xff"
    assert connection.sent == 2


async def test_the_position_is_that_of_the_last_message_handed_over() -> None:
    connection = make()
    positions = [connection.position]
    connection.hold(mid(1))
    positions.append(connection.position)
    push(connection, 4)
    connection.replay([message(2), message(3)])
    for _ in range(2):
        await connection.take()
        positions.append(connection.position)
    assert positions == ["", mid(1), mid(3), mid(4)]


async def test_waiting_for_something_takes_nothing() -> None:
    connection = make()
    waiting = asyncio.create_task(connection.ready())
    assert connection.take_ready() is None
    push(connection, 1)
    await waiting
    assert connection.queued == 1
    payload = connection.take_ready()
    assert payload is not None
    assert numbers(payload) == [1]


async def test_what_was_handed_over_is_told() -> None:
    idle = asyncio.Event()
    connection = make(on_idle=idle.set)
    push(connection, 1)
    connection.take_ready()
    assert (connection.idle, idle.is_set()) == (False, False)
    connection.handed_over()
    assert (connection.idle, idle.is_set()) == (True, True)


class Socket:
    """Takes so many writes, then holds what it is given; one that closes takes more, as uvloop's may."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.written: list[bytes] = []
        self.closing = self.fails = False

    def get_write_buffer_size(self) -> int:
        return int(len(self.written) >= self.room)

    def is_closing(self) -> bool:
        return self.closing

    def write(self, data: bytes) -> None:
        self.written.append(data)
        self.closing = self.fails


def attached(connection: Connection, room: int) -> Socket:
    socket = Socket(room)
    line: Any = socket
    connection.attach(line)
    return socket


async def test_what_is_idle_is_written_to_at_once_and_what_the_socket_leaves_is_queued() -> None:
    connection = make()
    socket = attached(connection, room=2)
    connection.deliver(Batch([message(1), message(2)]))
    connection.deliver(Batch([message(3, "x" * BATCH_SIZE), message(4, "x" * BATCH_SIZE)]))
    connection.deliver(Batch([message(5)]))
    assert (connection.sent, connection.messages, connection.position) == (3, 2, mid(3))
    taken = [numbers(await connection.take()) for _ in range(2)]
    assert taken == [[4], [5]]
    # The writer holds the last one.
    socket.written.clear()
    push(connection, 6)
    assert (socket.written, numbers(await connection.take())) == ([], [6])
    connection.handed_over()
    push(connection, 7)
    assert len(socket.written) == 1


async def test_nothing_is_written_to_a_socket_that_closes() -> None:
    connection = make()
    socket = attached(connection, room=2)
    socket.closing = True
    push(connection, 1)
    assert (socket.written, connection.sent, connection.position) == ([], 0, "")
    assert numbers(await connection.take()) == [1]


async def test_what_a_socket_fails_to_write_is_not_counted_but_queued() -> None:
    connection = make()
    socket = attached(connection, room=2)
    socket.fails = True
    push(connection, 1)
    assert (connection.sent, connection.position) == (0, "")
    assert numbers(await connection.take()) == [1]


async def test_nothing_is_written_before_what_was_missed_or_after_a_close() -> None:
    connection = make()
    socket = attached(connection, room=9)
    connection.hold(mid(1))
    push(connection, 3)
    connection.replay([message(2)])
    push(connection, 4)
    assert (socket.written, numbers(await connection.take())) == ([], [2])
    assert numbers(await connection.take()) == [3, 4]
    connection.handed_over()
    connection.close(CloseOrder(3000))
    push(connection, 5)
    assert (socket.written, await connection.take()) == ([], CloseOrder(3000))


async def test_nothing_is_written_once_it_is_detached() -> None:
    connection = make()
    socket = attached(connection, room=9)
    push(connection, 1)
    connection.detach()
    push(connection, 2)
    assert (len(socket.written), numbers(await connection.take())) == (1, [2])
    connection.handed_over()
    push(connection, 3)
    assert (len(socket.written), numbers(await connection.take())) == (1, [3])


async def test_what_history_brought_is_not_written_again() -> None:
    connection = make()
    connection.replay([message(1), message(2)])
    assert numbers(await connection.take()) == [1, 2]
    connection.handed_over()
    socket = attached(connection, room=9)
    connection.deliver(Batch([message(2), message(3)]))
    assert (socket.written, numbers(await connection.take())) == ([], [3])


async def test_what_is_no_event_is_written_at_once_or_not_at_all() -> None:
    connection = make()
    socket = attached(connection, room=1)
    assert connection.write_now(b"first")
    assert not connection.write_now(b"the socket is full")
    socket.written.clear()
    push(connection, 1)
    socket.written.clear()
    connection.hold(mid(1))
    assert not connection.write_now(b"something was missed")
    connection.replay([])
    assert connection.write_now(b"nothing was")
    socket.written.clear()
    socket.closing = True
    assert not connection.write_now(b"the socket closes")
    socket.closing = False
    connection.close(CloseOrder(3000))
    assert not connection.write_now(b"a close was ordered")
    assert (socket.written, connection.messages, connection.sent) == ([], 3, 1)


async def test_what_is_no_event_does_not_overtake_one_in_the_queue() -> None:
    connection = make()
    socket = attached(connection, room=1)
    connection.deliver(Batch([message(1)]))
    push(connection, 2)
    socket.written.clear()
    assert not connection.write_now(b"later")
    assert numbers(await connection.take()) == [2]
    assert not connection.write_now(b"later")
    connection.handed_over()
    assert connection.write_now(b"now")
    connection.detach()
    assert not connection.write_now(b"never")
    assert socket.written == [b"now"]


@pytest.mark.parametrize("message", ["text", "\U0001f600", b"\xff", ""])
def test_texts_and_bytes_are_messages(message: Frame) -> None:
    assert raw_message(message, "text") is message


@pytest.mark.parametrize(
    ("message", "problem"),
    [(5, "must be text or bytes, not 5"), ("a\ud83d", "has half a character at 1"), (None, "must be text")],
)
def test_what_cannot_be_sent_is_no_message(message: object, problem: str) -> None:
    with pytest.raises(EventError, match=f"text: {problem}"):
        raw_message(message, "text")
