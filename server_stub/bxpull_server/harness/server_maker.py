"""Push servers for many tests: each place gets one, which forgets everything between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack

    from bxpull_server import PushServer

_PLACE = ("host", "port")


def server_maker(stack: ExitStack) -> Callable[..., PushServer]:
    """Makes a server of each place once, and resets it from then on."""
    from bxpull_server import PushServer

    servers: dict[tuple[Any, Any], PushServer] = {}

    def make(**options: Any) -> PushServer:
        place = (options.pop("host", "127.0.0.1"), options.pop("port", 0))
        if place in servers:
            servers[place].start()  # in case that a test has stopped it
            servers[place].reset(**{**_defaults(), **options})
        else:
            host, port = place
            servers[place] = stack.enter_context(PushServer(host=host, port=port, **options))
        return servers[place]

    return make


def _defaults() -> dict[str, Any]:
    from bxpull_server.options import OptionValues, ServerOptions

    options = ServerOptions()
    return {name: getattr(options, name) for name in OptionValues.__annotations__ if name not in _PLACE}
