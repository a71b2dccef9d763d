import pytest

from bxpull_server.web.host_names import is_loopback


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1:80", True),
        ("[::1]:80", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),  # as those who listen on "::" see it
        ("::ffff:192.168.0.1", False),
        ("localhost:8893", True),
        ("app.localhost", True),
        ("localhost.example", False),
        ("192.168.0.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("", False),
    ],
)
def test_knows_which_hosts_are_this_machine(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
