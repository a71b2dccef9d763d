"""bxpull_server.event_feed: what waits for a reader is bounded, and what is left out is counted."""

import pytest

from bxpull_server import ManualClock
from bxpull_server.errors import WaitTimeoutError
from bxpull_server.event_feed import EventFeed
from bxpull_server.protocol.messages import Message


def message(body: str) -> Message:
    return Message("1" * 26, "c" * 32, body, 0)


def test_each_reader_gets_every_event_from_when_it_came() -> None:
    feed = EventFeed(ManualClock())
    feed.offer([message("before")], 1)
    with feed.reader() as first:
        feed.offer([message("one")], 2)
        with feed.reader() as second:
            feed.offer([message("two")], 3)
            assert feed.readers == 2
            event = second.take()
            assert event is not None
            assert (event.messages[0].body, event.delivered) == ("two", 3)
            assert second.take() is None
        event = first.take()
        assert event is not None
        assert event.messages[0].body == "one"
    assert feed.readers == 0


def test_the_oldest_are_left_out_when_too_many_wait() -> None:
    feed = EventFeed(ManualClock(), max_events=2)
    with feed.reader() as reader:
        for body in ("one", "two", "three", "four"):
            feed.offer([message(body)], 0)
        assert reader.take_left_out() == 2
        assert reader.take_left_out() == 0
        event = reader.take()
        assert event is not None
        assert event.messages[0].body == "three"


def test_the_oldest_are_left_out_when_they_are_too_large() -> None:
    feed = EventFeed(ManualClock(), max_chars=5)
    with feed.reader() as reader:
        feed.offer([message("one")], 0)
        feed.offer([message("larger than all")], 0)
        assert reader.take_left_out() == 1
        event = reader.take()
        assert event is not None
        assert event.messages[0].body == "larger than all"
        feed.offer([message("three")], 0)
        assert reader.take_left_out() == 0


async def test_a_reader_waits_for_an_event_or_the_end() -> None:
    feed = EventFeed(ManualClock())
    with feed.reader() as reader:
        with pytest.raises(WaitTimeoutError):
            await reader.ready(0)
        feed.offer([message("one")], 0)
        await reader.ready(5)
        assert reader.take() is not None
        feed.close()
        await reader.ready(5)
        assert reader.take() is None
