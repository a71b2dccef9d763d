"""bxpull_server.light: a gate and a mailbox."""

import asyncio

import pytest

from bxpull_server.light import Gate, Mailbox


async def test_an_open_gate_lets_everybody_pass_and_a_closed_one_nobody() -> None:
    gate = Gate()
    waiting = [asyncio.create_task(gate.wait()) for _ in range(3)]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(gate.wait(), 0)
    assert not any(task.done() for task in waiting)
    gate.set()
    assert await asyncio.gather(*waiting, gate.wait()) == [True] * 4
    gate.clear()
    assert not gate.is_set()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(gate.wait(), 0)


async def test_who_gave_up_waiting_is_in_nobodys_way() -> None:
    gate = Gate()
    gone, stays = asyncio.create_task(gate.wait()), asyncio.create_task(gate.wait())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(gone, 0)
    gate.set()
    assert await stays


async def test_who_gave_up_waiting_leaves_nothing_behind() -> None:
    gate = Gate()
    stays = asyncio.create_task(gate.wait())
    for _ in range(3):
        gone = asyncio.create_task(gate.wait())
        await asyncio.sleep(0)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
    assert len(gate._waiters or ()) == 1
    gate.set()
    assert await stays


async def test_a_mailbox_gives_what_it_got_in_order_and_waits_for_more() -> None:
    box = Mailbox[int]()
    reader = asyncio.create_task(box.get())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(reader), 0)
    for n in (1, 2, 3):
        box.put_nowait(n)
    assert [await reader, await box.get(), await box.get()] == [1, 2, 3]
    assert box.empty()
