"""The scripts of the conformance page are served as they are, so they use nothing newer than ES2018."""

from __future__ import annotations

from importlib.resources import files

import pytest

from bxpull.engines.esbuild_binary import require_esbuild

SCRIPTS = {
    item.name: item.read_text("utf-8")
    for item in files("bxpull_server.conformance").joinpath("page").iterdir()
    if item.name.endswith(".js")
}


def written_for(target: str, code: str) -> str:
    """The same script as esbuild writes it for an edition of JavaScript."""
    done = require_esbuild().run([f"--target={target}", "--log-level=error"], stdin=code)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_old_browsers_understand_every_script(name: str) -> None:
    assert written_for("es2018", SCRIPTS[name]) == written_for("esnext", SCRIPTS[name])


def test_a_newer_script_would_be_noticed() -> None:
    code = "export const a = (b) => b?.c ?? 1;"
    assert written_for("es2018", code) != written_for("esnext", code)
