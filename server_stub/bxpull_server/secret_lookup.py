"""Finding what belongs to a secret that somebody has sent."""

import hmac
from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


def look_up(given: str, known: Mapping[str, T]) -> T | None:
    """What ``known`` has for this secret. How long it takes tells nothing: all are compared, wholly."""
    wanted = given.encode("utf-8", "surrogatepass")
    found = None
    for secret, value in known.items():
        if hmac.compare_digest(wanted, secret.encode("utf-8", "surrogatepass")):
            found = value
    return found
