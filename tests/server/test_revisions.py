"""bxpull_server.revisions."""

from typing import Any

import pytest

from bxpull_server.errors import EventError


async def test_events_and_configs_announce_the_same_revision(client: Any) -> None:
    page = await client.subscribe(1)
    await client.server.announce_revision(20)
    await client.server.add_by_user(1, module_id="m", command="c")
    assert (await page.event())["extra"]["revision_web"] == 20
    api = (await client.config())["api"]
    assert (api["revision_web"], api["revision_mobile"]) == (20, 3)


@pytest.mark.parametrize("revision", [0, True, "20", 1.5, None])
async def test_what_is_no_revision_is_refused(client: Any, revision: Any) -> None:
    with pytest.raises(EventError, match="revision: must be a whole number from 1 on"):
        await client.server.announce_revision(revision)
