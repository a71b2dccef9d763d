"""bxpull_server.web.rest_application, over HTTP."""

from typing import Any

import pytest

EVENT = "/rest/pull.application.event.add.json"


@pytest.fixture
async def applications(client: Any) -> Any:
    """One application at work for user 1, who is no administrator, and for user 2, who is one."""
    await client.server.add_application("app.1", "one", user=1)
    await client.server.add_application("app.1", "two", user=2, admin=True)
    return client


async def application_page(client: Any, token: str, make_query: Any) -> Any:
    """A page of an application, subscribed with the application's config."""
    answer = await client.http.post("/rest/pull.application.config.get.json", data={"auth": token})
    assert answer.status_code == 200, answer.text
    page = await client.open(make_query(answer.json()["result"]))
    await client.server.wait_connected({"one": 1, "two": 2}[token])
    return page


async def add(client: Any, token: str, **fields: Any) -> Any:
    answer = await client.http.post(EVENT, json={"auth": token, "COMMAND": "check", **fields})
    assert answer.status_code == 200, answer.text
    assert answer.json()["result"] is True


async def test_the_config_has_channels_of_the_applications_type(applications: Any) -> None:
    answer = await applications.http.post("/rest/pull.application.config.get", data={"auth": "one"})
    channels = answer.json()["result"]["channels"]
    assert [channel["type"] for channel in channels.values()] == ["app.1", "app.1"]
    own = (await applications.config())["channels"]
    assert not {channel["id"] for channel in channels.values()} & {channel["id"] for channel in own.values()}


async def test_an_event_for_a_user_reaches_the_users_application_page(
    applications: Any, make_query: Any
) -> None:
    one = await application_page(applications, "one", make_query)
    two = await application_page(applications, "two", make_query)
    portal_page = await applications.subscribe(1)
    await add(applications, "one", PARAMS={"a": 1}, USER_ID=1)
    await add(applications, "one", COMMAND="all")
    await applications.server.add_by_user(1, module_id="main", command="portal")
    event = await one.event()
    assert (event["module_id"], event["command"], event["params"]) == ("application", "check", {"a": 1})
    assert event["extra"]["revision_web"] == 19
    assert (await one.event())["command"] == "all"
    assert (await two.event())["command"] == "all"
    assert (await portal_page.event())["command"] == "portal"


async def test_an_administrators_application_sends_to_others(applications: Any, make_query: Any) -> None:
    one = await application_page(applications, "one", make_query)
    two = await application_page(applications, "two", make_query)
    await add(applications, "two", USER_ID=[1, 2], MODULE_ID="app.part")
    assert (await one.event())["module_id"] == (await two.event())["module_id"] == "app.part"


@pytest.mark.parametrize(
    "body",
    [
        "auth=one&COMMAND=check&PARAMS[a]=1",
        "auth=one&COMMAND=check&PARAMS=%7B%22a%22%3A%221%22%7D",
        "auth=one&command=check&params%5Ba%5D=1&MODULE_ID=application",
    ],
)
async def test_forms_are_taken(applications: Any, make_query: Any, body: str) -> None:
    page = await application_page(applications, "one", make_query)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await applications.http.post(EVENT, content=body, headers=headers)
    assert answer.json()["result"] is True
    assert (await page.event())["params"] == {"a": "1"}


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"USER_ID": 2}, 403, "USER_ID_ACCESS_ERROR"),
        ({"USER_ID": [1, 2]}, 403, "USER_ID_ACCESS_ERROR"),
        ({"USER_ID": "x"}, 400, "INVALID_REQUEST"),
        ({"USER_ID": [[1]]}, 400, "INVALID_REQUEST"),
        ({"USER_ID": []}, 400, "USER_ID_ERROR"),
        ({"COMMAND": ""}, 400, "COMMAND_ERROR"),
        ({"COMMAND": "a b"}, 400, "COMMAND_ERROR"),
        ({"COMMAND": "a\n"}, 400, "COMMAND_ERROR"),
        ({"MODULE_ID": "my-module"}, 400, "MODULE_ID_ERROR"),
        ({"PARAMS": 5}, 400, "PARAMS_ERROR"),
        ({"PARAMS": [1]}, 400, "PARAMS_ERROR"),
        ({"auth": None}, 403, "WRONG_AUTH_TYPE"),
    ],
)
async def test_bad_events_are_refused_and_sent_to_nobody(
    applications: Any, fields: dict[str, Any], status: int, error: str
) -> None:
    before = (await applications.http.get("/server-stat/")).json()["published"]
    answer = await applications.http.post(EVENT, json={"auth": "one", "COMMAND": "check", **fields})
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert (await applications.http.get("/server-stat/")).json()["published"] == before


@pytest.mark.parametrize("command", ["a", "A_1:b|c.d-e"])
async def test_commands_have_the_signs_of_the_protocol(applications: Any, command: str) -> None:
    await add(applications, "one", COMMAND=command)


async def test_the_config_is_for_applications_only(applications: Any) -> None:
    answer = await applications.http.post("/rest/pull.application.config.get")
    assert (answer.status_code, answer.json()["error"]) == (403, "WRONG_AUTH_TYPE")


@pytest.mark.parametrize("version", [1, 3, 4, 5])
async def test_applications_work_with_every_version(applications: Any, make_query: Any, version: int) -> None:
    await applications.server.set_user(1, server_version=version)
    config = await applications.server.config(1, "app.1")
    query = f"token={config['jwt']}" if version == 5 else make_query(config)
    page = await applications.open(query)
    await applications.server.wait_connected(1)
    await add(applications, "one", USER_ID=1)
    await add(applications, "one", COMMAND="all")
    await applications.server.add_by_user(1, module_id="main", command="portal")
    await applications.server.expire_config(1)
    commands = [(await page.event())["command"] for _ in range(3)]
    assert commands == ["check", "all", "config_expire"]
