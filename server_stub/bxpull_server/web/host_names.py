"""Names and addresses of hosts, as the header ``Host`` and origins have them."""

import ipaddress
import re
from functools import lru_cache

_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


def host_name(host: str) -> str | None:
    """The name or address in ``host`` (maybe with a port), in lower case; None if it is none."""
    match = _HOST.fullmatch(host)
    return match[1].strip("[]").lower() if match else None


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Whether ``host`` (a name or address, maybe with a port) can only mean this machine."""
    name = host_name(host) or host
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    # Who listens on "::" sees peers of IPv4 like that; Python knows them from 3.13 on.
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
