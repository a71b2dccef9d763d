"""The command ``bxpull serve``."""

import asyncio
import json
import logging
import signal
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from bxpull_server import __version__, collector, paths
from bxpull_server.async_server import AsyncPushServer
from bxpull_server.config_file import in_file, read_config
from bxpull_server.errors import OptionsError, StartError, WaitTimeoutError
from bxpull_server.options import DEFAULT_PORT, ServerOptions
from bxpull_server.profiles import PUBLIC_IDS_SINCE, TOKENS_SINCE
from bxpull_server.server import new_event_loop
from bxpull_server.web.host_names import is_loopback

_HOUR_S = 3_600.0
LOG_LEVELS = ("debug", "info", "warning", "error")


@click.command()
@click.option("--host", metavar="ADDRESS", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, help=f"Port to listen on; 0: a free one.  [default: {DEFAULT_PORT}]")
@click.option("--user", type=int, help="The page's user when the page does not say; 0: nobody.  [default: 1]")
@click.option("--server-version", type=int, help="Push server version to be, 1 to 5.  [default: 4]")
@click.option("--mode", help="personal (a box) or shared (the cloud).  [default: personal]")
@click.option(
    "--client-id", metavar="ID", help="What subscribers of mode shared send.  [default: from the key]"
)
@click.option("--host-id", metavar="ID", help="Name of the portal in tokens.  [default: from the key]")
@click.option("--hostname", metavar="NAME", help="What clients send as hostname.  [default: nothing]")
@click.option(
    "--no-websocket",
    "websocket_enabled",
    flag_value=False,
    type=bool,
    default=None,
    help="Tell clients to use long polling.",
)
@click.option(
    "--no-verdict",
    "verdict",
    flag_value=False,
    type=bool,
    default=None,
    help="Do not offer to tell whether events were lost, as a real Bitrix server.",
)
@click.option(
    "--signature-key",
    metavar="KEY",
    envvar="BXPULL_SIGNATURE_KEY",
    help="Key shared with the portal; '' signs nothing.  [default: a random one]",
)
@click.option("--signature-algorithm", metavar="HASH", help="Hash for signatures.  [default: sha1]")
@click.option("--static", metavar="DIR", help="Serve the files of this folder from the same origin.")
@click.option(
    "--conformance",
    flag_value=True,
    type=bool,
    default=None,
    help="Serve /conformance/, a page that tries the client in any browser that opens it.",
)
@click.option(
    "--control-token",
    metavar="TOKEN",
    envvar="BXPULL_CONTROL_TOKEN",
    help="Open the control API to those who know this token, from anywhere.",
)
@click.option(
    "--cors-origin",
    "cors_origins",
    metavar="ORIGIN",
    multiple=True,
    help="Let pages of this origin use the server, too; '*': all. May be repeated.",
)
@click.option(
    "--allowed-host",
    "allowed_hosts",
    metavar="NAME",
    multiple=True,
    help="Answer under this name, too; '*': any. May be repeated.",
)
@click.option(
    "--connections-per-address",
    type=int,
    metavar="N",
    help="TCP connections from one address.  [default: 1000, and any number from this machine]",
)
@click.option(
    "--publish-rate",
    type=int,
    metavar="N",
    help="Events a second from one connection of a page.  [default: 100]",
)
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="TOML file with a table [serve].  [default: bxpull.toml, if there is one]",
)
@click.option(
    "--log-level", type=click.Choice(LOG_LEVELS), default="warning", show_default=True, help="What to log."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one line of JSON once it listens, and nothing else."
)
def serve(config: Path | None, log_level: str, as_json: bool, **given: object) -> None:
    """Run the push server: REST, WebSocket, long polling and publishing on one port.

    Options given here win over those of the file. Logs go to standard error. Ends with Ctrl+C; with exit code
    2 when it cannot start.
    """
    logging.basicConfig(level=log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        options = _options(config, given)
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_serve(options, as_json=as_json))
    except (OptionsError, StartError) as error:
        click.echo(f"bxpull serve: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:  # where signals cannot be handled in the loop
        return


def _options(config: Path | None, given: dict[str, object]) -> ServerOptions:
    of_file = read_config(config)
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value not in (None, ())}
    try:
        return ServerOptions(**{"port": DEFAULT_PORT, **of_file, **chosen})
    except OptionsError as error:
        if error.option in of_file and error.option not in chosen:
            raise in_file(error, config) from None
        raise


async def _serve(options: ServerOptions, *, as_json: bool) -> None:
    asked_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, asked_to_stop.set)
    async with AsyncPushServer(options) as server:
        collector.relax()
        click.echo(json.dumps(_as_data(server)) if as_json else _greeting(server))
        telling = asyncio.create_task(_tell_results(server, as_json=as_json))
        await asked_to_stop.wait()
        telling.cancel()
    if not as_json:
        click.echo("stopped")


def _as_data(server: AsyncPushServer) -> dict[str, Any]:
    options = server.options
    return {
        "url": server.url,
        "port": server.port,
        "version": __version__,
        "server_version": options.server_version,
        "mode": options.mode,
        "user": options.user,
    }


async def _tell_results(server: AsyncPushServer, *, as_json: bool) -> None:
    """Prints a line for each result of the conformance page."""
    told = 0
    while server.options.conformance:
        with suppress(WaitTimeoutError):  # nobody opened the page meanwhile
            result = await server.wait_conformance_result(told + 1, _HOUR_S)
            told += 1
            click.echo(json.dumps({"conformance": asdict(result)}) if as_json else f"conformance: {result}")


def _greeting(server: AsyncPushServer) -> str:
    options = server.options
    url = server.url
    pages = f"{url}/" + (f"  (files of {options.static})" if options.static is not None else "")
    user = options.user or 1
    address = "" if url == f"http://{ServerOptions().host}:{DEFAULT_PORT}" else f" --url {url}"
    websocket = f"{url.replace('http', 'ws', 1)}{paths.SUBSCRIBE}"
    lines = [
        f"bxpull push server, protocol version {options.server_version}, mode {options.mode}",
        "",
        f"  pages      {pages}",
        f"  config     {url}{paths.CONFIG}",
        f"  subscribe  {websocket if options.websocket_enabled else f'{url}{paths.POLL}'}",
        f"  publish    {url}{_publish_path(options.server_version)}",
        f"  page user  {options.user or 'nobody'}  (another: ?bxpull_user=2 in the page's address)",
        *([f"  conformance {url}/conformance/"] if options.conformance else []),
        "",
        "Send an event, and see what passes:",
        f"  bxpull send{address} --user {user} main check '{{\"a\": 1}}'",
        f"  bxpull tail{address}",
        "",
    ]
    if not is_loopback(options.host):
        lines += ["Everybody who reaches this address can subscribe and, knowing a channel, publish.", ""]
    return "\n".join([*lines, "Stop with Ctrl+C."])


def _publish_path(server_version: int) -> str:
    """Where a back end of this version publishes."""
    if server_version < PUBLIC_IDS_SINCE:
        return f"{paths.BACKEND_PUBLISH}?CHANNEL_ID=<id>"
    if server_version < TOKENS_SINCE:
        return f"{paths.BACKEND_PUBLISH}?binaryMode=true"
    return f"{paths.BACKEND_API}?hostId=<name>&signature=<HMAC of the body>"
