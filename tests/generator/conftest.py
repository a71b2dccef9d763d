"""Fixtures of the generator's tests: a small stand-in for the client, and its prebuilt bundles."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bxpull.prebuild import prebuild

if TYPE_CHECKING:
    from collections.abc import Callable

FAKE_CLIENT = Path(__file__).parent / "fake_client"


@pytest.fixture(scope="session")
def prebuilt_fake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stand-in client, bundled for the embedded engine."""
    folder = tmp_path_factory.mktemp("prebuilt") / "fake"
    prebuild(FAKE_CLIENT, folder)
    return folder


@pytest.fixture(autouse=True)
def fake_client(prebuilt_fake: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every build of these tests bundles the stand-in client; returns its folder."""
    monkeypatch.setenv("BXPULL_CLIENT_SRC", str(FAKE_CLIENT))
    monkeypatch.setenv("BXPULL_PREBUILT", str(prebuilt_fake))
    return FAKE_CLIENT


@pytest.fixture(params=["native", "embedded"])
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    return str(request.param)


@pytest.fixture(autouse=True)
def workdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="session")
def run_js() -> Callable[..., Any]:
    """Runs bundles in Node.js and returns what an expression then is, by way of JSON."""
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    node = shutil.which("node", path=search)
    assert node, "Node.js is part of the set-up of this repository: run 'make setup'"

    program = """
      const vm = require("vm"), fs = require("fs");
      const [bundle, before, expression, kind] = process.argv.slice(1);
      const page = vm.createContext({});
      vm.runInContext(before, page);
      const code = fs.readFileSync(bundle, "utf8");
      const loaded = (async () => {
        if (kind === "iife") return vm.runInContext(code, page);
        const module = new vm.SourceTextModule(code, { context: page });
        await module.link(() => { throw new Error("a bundle imports nothing"); });
        await module.evaluate();
      })();
      loaded.then(() => console.log(vm.runInContext(`JSON.stringify(${expression})`, page)));
    """
    flags = ["--experimental-vm-modules", "--no-warnings", "-e", program]

    def run(bundle: Path, expression: str, *, before: str = "", format_: str = "iife") -> Any:
        done = subprocess.run(
            [node, *flags, "--", str(bundle), before, expression, format_],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
