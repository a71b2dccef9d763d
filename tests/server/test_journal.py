"""bxpull_server.journal."""

from bxpull_server.journal import Journal, RestRequest, SocketOpened, SocketText


def test_keeps_the_newest_entries() -> None:
    journal = Journal(limit=2)
    texts = [SocketText(1, str(number)) for number in range(3)]
    for text in texts:
        journal.add(text)
    assert journal.entries() == texts[1:]
    journal.clear()
    assert journal.entries() == []


def test_shows_no_secrets() -> None:
    entries = [
        RestRequest("POST", "/rest/x", "q=s3cret", "sessid=s3cret", "s3cret", 1, 200),
        SocketOpened(1, "/bitrix/subws/", "CHANNEL_ID=s3cret", 1, None),
        SocketText(1, "s3cret"),
    ]
    assert "s3cret" not in repr(entries)
