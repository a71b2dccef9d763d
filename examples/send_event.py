"""Send an event through a running ``bxpull serve``: ``send_event.py MODULE COMMAND [PARAMS]``."""

from __future__ import annotations

import argparse
import json
import sys
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen


def main() -> int:
    """Send it; the exit code is 1 if the server refused or is not there."""
    parser = argparse.ArgumentParser(description="Send an event through a running bxpull serve.")
    parser.add_argument("--url", default="http://127.0.0.1:8893", help="the server; default: %(default)s")
    parser.add_argument("--user", type=int, default=1, help="user id, negative for a guest; default: 1")
    parser.add_argument("module")
    parser.add_argument("command")
    parser.add_argument("params", type=json.loads, nargs="?", default={}, help='JSON, such as {"a": 1}')
    given = parser.parse_args()
    event = {name: getattr(given, name) for name in ("user", "module", "command", "params")}
    request = Request(  # noqa: S310 - the address is the caller's own
        f"{given.url}/control/send", json.dumps(event).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urlopen(request, timeout=10) as answer:  # noqa: S310
            print(answer.read().decode())  # noqa: T201 - a command-line tool
    except HTTPError as error:
        print(json.load(error)["error_description"], file=sys.stderr)  # noqa: T201
        return 1
    except URLError as error:
        print(f"no server at {given.url}: {error.reason}; start it with 'bxpull serve'", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
