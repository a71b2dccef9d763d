"""bxpull_server.inbox: what pages post to a test is taken in, and nobody else's."""

from __future__ import annotations

import gc
import http.client

from bxpull_server import PushServer
from bxpull_server.inbox import MAX_BODY, Inbox


def post(server: PushServer, path: str, body: bytes = b"", method: str = "POST") -> int:
    """The status of the answer to what a page of another origin posts without asking first."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request(method, path, body, {"Content-Type": "text/plain", "Origin": "http://other.example"})
    status = connection.getresponse().status
    connection.close()
    return status


def test_what_is_posted_to_its_path_is_kept_until_it_is_taken() -> None:
    with PushServer() as server:
        inbox = Inbox("/left")
        server.add_inbox(inbox)
        assert [post(server, inbox.path, body) for body in (b"one", b"two")] == [204, 204]
        inbox.wait(0)
        assert inbox.take() == [b"one", b"two"]
        assert inbox.take() == []
        assert server.requests == []


def test_it_is_there_after_a_reset_and_ends_with_who_made_it() -> None:
    with PushServer() as server:
        inbox = Inbox("/left")
        server.add_inbox(inbox)
        server.reset()
        assert post(server, inbox.path) == 204
        path = inbox.path
        del inbox
        gc.collect()
        assert post(server, path) == 404


def test_it_is_for_those_who_know_its_path_and_only_for_what_it_has_room_for() -> None:
    with PushServer() as server:
        inbox, other = Inbox("/left"), Inbox("/left")
        server.add_inbox(inbox)
        assert inbox.path != other.path
        assert len(inbox.path) > len("/left/") + 20
        assert post(server, "/left/") == 404
        assert post(server, inbox.path, method="GET") == 404
        assert post(server, inbox.path, b"x" * (MAX_BODY + 1)) == 413
        while inbox.room:
            inbox.put(b"x" * inbox.room)
        assert post(server, inbox.path, b"x") == 413
        inbox.take()
        assert post(server, inbox.path, b"x") == 204
