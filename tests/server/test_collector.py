"""bxpull_server.collector."""

import gc
import json
import subprocess
import sys

from bxpull_server import AsyncPushServer

# Tells the collector's settings at the end of a process that served.
_SERVE = """
import gc, json, os, signal
from bxpull_server import cli
cli._greeting = lambda server: os.kill(os.getpid(), signal.SIGINT) or ""
cli.serve(["--port", "0", "--user", "1"], standalone_mode=False)
print(json.dumps([gc.get_threshold()[0], gc.get_freeze_count()]))
"""


def test_a_process_that_only_serves_collects_seldom() -> None:
    done = subprocess.run([sys.executable, "-c", _SERVE], capture_output=True, text=True, check=True)
    threshold, frozen = json.loads(done.stdout.splitlines()[-1])
    assert threshold > gc.get_threshold()[0]
    assert frozen > 0


async def test_an_embedded_server_leaves_the_collector_alone() -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    async with AsyncPushServer():
        assert (gc.get_threshold(), gc.get_freeze_count()) == before
