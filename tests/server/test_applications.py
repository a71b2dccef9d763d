"""bxpull_server.applications."""

from typing import Any

import pytest

from bxpull_server.applications import Application, Applications
from bxpull_server.errors import EventError


def test_an_application_is_known_by_its_token() -> None:
    applications = Applications()
    application = applications.add("app.1", "t0ken", user=5, admin=True)
    assert applications.find("t0ken") == application == Application("app.1", "t0ken", 5, admin=True)
    assert applications.find("other") is None
    assert "t0ken" not in repr(application)


def test_one_application_may_work_for_several_users() -> None:
    applications = Applications()
    applications.add("app.1", "one", user=1)
    applications.add("app.1", "two", user=2)
    applications.add("app.1", "two", user=3)
    assert [(application.token, application.user) for application in applications.all] == [
        ("one", 1),
        ("two", 3),
    ]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"client_id": ""}, "client_id: must be 1 to 100 letters"),
        ({"client_id": "private"}, "client_id: .*not private or shared"),
        ({"client_id": "a b"}, "client_id: must be 1 to 100 letters"),
        ({"client_id": 5}, "client_id: must be 1 to 100 letters"),
        ({"token": ""}, "token: must be a text that is not empty"),
        ({"token": 5}, "token: must be a text that is not empty"),
        ({"user": 0}, "user: must be a user id, not 0"),
        ({"user": 10**16}, "user: must be a user id, not 10000000000000000"),
        ({"user": -1}, "user: must be a user id, not -1"),
        ({"user": True}, "user: must be a user id, not True"),
        ({"admin": 1}, "admin: must be true or false, not 1"),
    ],
)
def test_bad_input_is_named_and_adds_nothing(values: dict[str, Any], problem: str) -> None:
    applications = Applications()
    with pytest.raises(EventError, match=problem):
        applications.add(**{"client_id": "app.1", "token": "t0ken", "user": 1, **values})
    assert applications.all == ()


@pytest.mark.parametrize("client_id", ["app.2", "private", "\ud800"])
def test_what_is_no_application_is_refused(client_id: str) -> None:
    applications = Applications()
    applications.add("app.1", "one", user=1)
    applications.check_known("app.1")
    with pytest.raises(EventError, match=r"application: there is no '.+'; known are app\.1"):
        applications.check_known(client_id)
