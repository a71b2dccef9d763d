"""``bxpull build --watch``: builds again when something that goes into the bundle has changed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

BUNDLE = Path("dist/bxpull.js")


@contextmanager
def watching(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The command; ended by an interrupt, its good end even where a script started it in the background."""
    in_background = ["sh", "-c", 'trap "" INT; exec "$@"', "sh"]
    command = [*in_background, str(Path(sys.executable).with_name("bxpull")), "build", "--watch", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.communicate()


def lines(pipe: IO[str] | None) -> Iterator[str]:
    """What is printed, as it is."""
    assert pipe is not None
    return iter(pipe.readline, "")


def builds_with(text: str, process: subprocess.Popen[str]) -> None:
    """Waits for a build with this in the bundle; a file may have been read before all of it was written."""
    assert any(json.loads(line) and text in BUNDLE.read_text("utf-8") for line in lines(process.stdout))


def test_each_source_is_watched_and_a_mistake_waits_for_its_correction() -> None:
    script, settings, config = Path("page.js"), Path("bxpull.toml"), Path("config.json")
    script.write_text("window.first = 1;\n", "utf-8")
    with watching("--script", "page.js", "--json", "--no-demo") as process:
        builds_with("window.first", process)

        script.write_text("window.second = (;\n", "utf-8")
        assert any(line.startswith("Error: page.js:1:") for line in lines(process.stderr))

        # As editors save: another file takes the name.
        Path("page.js~").write_text("window.third = 3;\n", "utf-8")
        Path("page.js~").rename(script)
        builds_with("window.third", process)

        config.write_text('{"server": {"version": 4}, "channels": {}}', "utf-8")
        settings.write_text('[build]\nconfig = "config.json"\n', "utf-8")
        builds_with('"version":4', process)
        config.write_text('{"server": {"version": 3}, "channels": {}}', "utf-8")
        builds_with('"version":3', process)


def test_people_are_told_how_long_it_took() -> None:
    templates = Path("own")
    templates.mkdir()
    with watching("--templates", "own") as process:
        told = lines(process.stdout)
        assert any(line.startswith("built in ") and "Ctrl-C" in line for line in told)
        (templates / "snippet.html.j2").write_text("mine", "utf-8")
        snippet = Path("dist/snippet.html")
        assert any(line.startswith("built in ") and "mine" in snippet.read_text("utf-8") for line in told)
