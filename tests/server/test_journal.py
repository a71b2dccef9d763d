"""bxpull_server.journal."""

from bxpull_server.journal import (
    ApiRequest,
    BrowserPublish,
    Journal,
    PollClosed,
    PollOpened,
    PublishRequest,
    RestRequest,
    SocketBytes,
    SocketClosed,
    SocketOpened,
    SocketText,
)


def test_keeps_the_newest_entries() -> None:
    journal = Journal(max_entries=2)
    texts = [SocketText(1, str(number)) for number in range(3)]
    for text in texts:
        journal.add(text)
    assert journal.entries() == texts[1:]
    journal.clear()
    assert journal.entries() == []


def test_forgets_the_oldest_when_they_become_too_large() -> None:
    journal = Journal(max_size=10)
    small, large = (
        RestRequest("POST", "/", "q", "body", None, 1, 200),
        PublishRequest("POST", "", b"x" * 10, 200),
    )
    journal.add(small)
    journal.add(SocketOpened(1, "/", "query", 1, None))
    assert len(journal.entries()) == 2
    journal.add(large)
    assert journal.entries() == [large]
    journal.add(SocketText(1, "x" * 20))
    assert journal.entries() == [SocketText(1, "x" * 20)]
    journal.add(SocketClosed(1, 1, 1000, "", by_server=False))
    assert journal.entries() == [SocketClosed(1, 1, 1000, "", by_server=False)]


def test_what_comes_in_bytes_counts_too() -> None:
    journal = Journal(max_size=10)
    for entry in (SocketBytes(1, b"x" * 6), PollOpened(1, "/", "x" * 6, 1, None), PollClosed(1, 1, 304)):
        journal.add(entry)
    assert journal.entries() == [PollOpened(1, "/", "x" * 6, 1, None), PollClosed(1, 1, 304)]
    for large in (ApiRequest("", b"x" * 11, 200), BrowserPublish("q", b"x" * 10, None, 200)):
        journal.add(large)
        assert journal.entries() == [large]


def test_shows_no_secrets() -> None:
    entries = [
        RestRequest("POST", "/rest/x", "q=s3cret", "sessid=s3cret", "s3cret", 1, 200),
        SocketOpened(1, "/bitrix/subws/", "CHANNEL_ID=s3cret", 1, None),
        SocketText(1, "s3cret"),
        SocketBytes(1, b"s3cret"),
        PollOpened(1, "/bitrix/sub/", "token=s3cret", 1, None),
        PublishRequest("POST", "CHANNEL_ID=s3cret", b"s3cret", 200),
        ApiRequest("signature=s3cret", b"s3cret", 200),
        BrowserPublish("s3cret", b"s3cret", None, 200),
    ]
    assert "s3cret" not in repr(entries)
