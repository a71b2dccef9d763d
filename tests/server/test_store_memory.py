"""bxpull_server.store.memory."""

import gc
import tracemalloc

import pytest

from bxpull_server.clock import ManualClock
from bxpull_server.protocol.messages import Sender
from bxpull_server.store import MemoryStore

A, B = "a" * 32, "b" * 32


async def put(store: MemoryStore, *channels: str, expiry: int = 60, body: str = "{}") -> str:
    messages = await store.append(channels, body, expiry=expiry, sender=Sender.BACKEND)
    assert [message.channel for message in messages] == list(channels)
    return messages[0].mid


async def mids_since(store: MemoryStore, mid: str, *channels: str) -> list[str]:
    return [message.mid for message in (await store.since(channels, mid)).messages]


async def test_gives_what_is_newer_in_mid_order_over_all_channels(clock: ManualClock) -> None:
    store = MemoryStore(clock)
    mids = [await put(store, channel) for channel in (A, B, A, B, B)]
    assert await mids_since(store, mids[1], A, B) == mids[2:]
    assert await mids_since(store, mids[1], A) == [mids[2]]
    assert await mids_since(store, mids[-1], A, B) == []
    assert await mids_since(store, "0" * 26, "c" * 32) == []


async def test_an_event_on_several_channels_comes_once(clock: ManualClock) -> None:
    store = MemoryStore(clock)
    mid = await put(store, A, B)
    assert await mids_since(store, "0" * 26, B, A) == [mid]


async def test_expired_messages_are_not_given_and_are_swept(clock: ManualClock) -> None:
    store = MemoryStore(clock)
    await put(store, A, expiry=10)
    kept = await put(store, A, expiry=20)
    clock.advance(10)
    assert await mids_since(store, "0" * 26, A) == [kept]
    assert await store.count(A) == 2
    store.sweep()
    assert await store.count(A) == 1
    clock.advance(10)
    store.sweep()
    assert await store.count(A) == 0


@pytest.mark.parametrize("back_s", [0, 5])
async def test_a_message_is_kept_for_all_its_seconds(back_s: int) -> None:
    clock = ManualClock(1_790_000_000.9)
    store = MemoryStore(clock)
    clock.set_time(1_790_000_000.9 - back_s)
    mids = [await put(store, A, expiry=1) for _ in range(2)]
    clock.advance(0.999)
    store.sweep()
    assert await mids_since(store, "0" * 26, A) == mids
    clock.advance(1 if back_s else 0.001)
    assert await mids_since(store, "0" * 26, A) == []
    store.sweep()
    assert await store.count(A) == 0


async def test_expiry_zero_is_not_kept(clock: ManualClock) -> None:
    store = MemoryStore(clock)
    await put(store, A, expiry=0)
    assert await store.count(A) == 0


async def test_keeps_a_limited_number_and_says_when_that_made_a_gap(clock: ManualClock) -> None:
    store = MemoryStore(clock, limit=8)
    mids = [await put(store, A) for _ in range(10)]
    assert await store.count(A) == 8
    history = await store.since([A], mids[0])
    assert [message.mid for message in history.messages] == mids[2:]
    assert history.through == mids[1]


async def test_says_what_has_expired_before_and_after_the_sweep(clock: ManualClock) -> None:
    store = MemoryStore(clock)
    expired = await put(store, A, expiry=10)
    await put(store, A, expiry=20)
    clock.advance(10)
    assert (await store.since([A], "0" * 26)).through == expired
    store.sweep()
    assert (await store.since([A], "0" * 26)).through == expired


async def test_what_was_never_to_be_kept_is_not_lost(clock: ManualClock) -> None:
    store = MemoryStore(clock)
    before = await store.position()
    await put(store, A, expiry=0)
    assert (await store.since([A], before)).through < before


async def test_what_was_cleared_is_lost_to_its_channel_alone(clock: ManualClock) -> None:
    store = MemoryStore(clock)
    before = await store.position()
    cleared = await put(store, A)
    await put(store, B)
    await store.clear()
    assert (await store.since([A], before)).through == cleared
    assert (await store.since(["c" * 32], before)).through < before


async def test_everything_before_a_store_was_made_is_lost(clock: ManualClock) -> None:
    before = await put(MemoryStore(clock), A)
    clock.advance(1)
    store = MemoryStore(clock)
    assert before < (await store.since([A], before)).through < await store.position()


async def test_what_an_empty_channel_lost_is_remembered_for_a_day_and_then_for_all(
    clock: ManualClock,
) -> None:
    store = MemoryStore(clock)
    lost = await put(store, A, expiry=1)
    clock.advance(86_399)
    store.sweep()
    assert (await store.since([B], "0" * 26)).through < lost
    clock.advance(1)
    store.sweep()
    assert (await store.since([B], "0" * 26)).through == lost


async def test_mids_go_on_growing_after_clear(clock: ManualClock) -> None:
    store = MemoryStore(clock)
    before = await put(store, A)
    await store.clear()
    assert await mids_since(store, "0" * 26, A) == []
    assert await put(store, A) > before


async def test_an_event_on_several_channels_comes_with_what_is_added_for_one(clock: ManualClock) -> None:
    store = MemoryStore(clock)
    await store.append(
        [A, B], "{}", expiry=60, sender=Sender.BACKEND, dictionary='{"d":1}', user_params={B: '{"own":1}'}
    )
    for channels in ([A, B], [B, A]):
        (message,) = (await store.since(channels, "0" * 26)).messages
        assert (message.dictionary, message.user_params) == ('{"d":1}', '{"own":1}')
    (message,) = (await store.since([A], "0" * 26)).messages
    assert (message.dictionary, message.user_params) == ('{"d":1}', None)


async def test_the_position_lies_between_what_is_stored_and_what_comes(clock: ManualClock) -> None:
    store = MemoryStore(clock)
    before = await put(store, A)
    position = await store.position()
    assert before < position < await put(store, A)


async def test_channels_of_messages_are_not_shown(clock: ManualClock) -> None:
    store = MemoryStore(clock)
    await put(store, A)
    assert A not in repr(await store.since([A], "0" * 26))


async def test_channels_that_hold_most_lose_their_oldest_when_all_together_are_too_large(
    clock: ManualClock,
) -> None:
    store = MemoryStore(clock, max_bytes=100_000)
    small = [await put(store, A) for _ in range(10)]
    begin = await store.position()
    large = [await put(store, B, body="x" * 10_000) for _ in range(100)]
    assert await mids_since(store, "0" * 26, A) == small
    kept = (await store.since([B], begin)).messages
    assert [message.mid for message in kept] == large[-len(kept) :]
    assert 5 <= len(kept) <= 9
    # It can be told which, on that channel and no other.
    assert (await store.since([B], begin)).through == large[-len(kept) - 1]
    assert (await store.since([A], small[0])).through < small[0]


@pytest.mark.parametrize("text", ["", "x" * 3_000, "ж" * 2_000, "\U0001f600" * 1_000])
@pytest.mark.parametrize("channels", [1, 30])
async def test_the_memory_of_what_is_kept_stays_within_its_bytes(
    clock: ManualClock, text: str, channels: int
) -> None:
    limit = 500_000
    store = MemoryStore(clock, max_bytes=limit)
    names = [f"{number:032x}" for number in range(channels)]
    tracemalloc.start()
    try:
        for number in range(800 if text else 4_000):
            # To some of them, so that not all hold the same.
            await put(store, *names[number % channels :], body=f"{number}{text}")
        gc.collect()  # Python keeps some of what is free
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert limit * 0.6 < used < limit * 1.1, used


async def test_an_event_on_many_channels_counts_once(clock: ManualClock) -> None:
    store = MemoryStore(clock, max_bytes=200_000)
    channels = [f"{number:032x}" for number in range(200)]
    mids = [await put(store, *channels, body="x" * 10_000) for _ in range(4)]
    assert await mids_since(store, "0" * 26, channels[7]) == mids


@pytest.mark.parametrize("way", ["clear", "evict", "expiry", "limit"])
async def test_what_has_gone_in_another_way_makes_room(clock: ManualClock, way: str) -> None:
    store = MemoryStore(clock, limit=8 if way == "limit" else 1_000, max_bytes=100_000)
    for _ in range(20):
        newest = [await put(store, A, B, expiry=10, body="x" * 10_000) for _ in range(4)]
        assert (await mids_since(store, "0" * 26, A, B))[-4:] == newest
        if way == "clear":
            await store.clear()
        elif way == "evict":
            await store.evict([A])
            await store.evict([B])
        elif way == "expiry":
            clock.advance(10)
            store.sweep()
    if way != "limit":
        assert await mids_since(store, "0" * 26, A, B) == []
        assert not store._bytes


async def test_an_event_that_is_larger_than_all_may_be_is_lost_and_told(clock: ManualClock) -> None:
    store = MemoryStore(clock, max_bytes=10_000)
    before = await put(store, A)
    lost = await put(store, A, body="x" * 20_000)
    after = await put(store, A)
    history = await store.since([A], before)
    assert ([message.mid for message in history.messages], history.through) == ([after], lost)
