"""bxpull_server.profiles."""

from typing import Any

import pytest

from bxpull_server.errors import EventError
from bxpull_server.profiles import Profile, Profiles


def test_who_has_no_profile_of_their_own_has_the_default_one() -> None:
    profiles = Profiles(Profile(4, "personal"))
    assert profiles.change(2, version=5) == Profile(5, "personal")
    assert [profiles.of(user) for user in (0, 1, 2)] == [
        Profile(4, "personal"),
        Profile(4, "personal"),
        Profile(5, "personal"),
    ]


def test_a_change_leaves_the_other_part_as_it_is() -> None:
    profiles = Profiles(Profile(4, "personal"))
    profiles.change(1, version=3)
    profiles.change(1, mode="shared")
    assert profiles.of(1) == Profile(3, "shared")


@pytest.mark.parametrize(
    ("version", "public_ids", "tokens"),
    [(1, False, False), (3, False, False), (4, True, False), (5, True, True)],
)
def test_a_version_tells_what_there_is(version: int, public_ids: bool, tokens: bool) -> None:
    profile = Profile(version, "personal")
    assert (profile.has_public_ids, profile.has_tokens) == (public_ids, tokens)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"version": 6}, "server_version: 6 is none: choose 1, 2, 3, 4 or 5"),
        ({"version": 4.0}, "server_version: 4.0 is none"),
        ({"version": True}, "server_version: True is none"),
        ({"mode": "cloud"}, "mode: must be personal or shared, not 'cloud'"),
    ],
)
def test_what_there_is_not_is_refused_and_changes_nothing(values: dict[str, Any], problem: str) -> None:
    profiles = Profiles(Profile(4, "personal"))
    with pytest.raises(EventError, match=problem):
        profiles.change(1, **values)
    assert profiles.of(1) == profiles.default
