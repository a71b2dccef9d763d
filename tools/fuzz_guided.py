"""Coverage-guided fuzzing of the server's decoders: ``make fuzz-guided``.

atheris (Linux on x86-64 only) comes into an environment of its own, from requirements/fuzz.lock. Exits
with 1 if a decoder fails; libFuzzer has said with which input then. The corpus stays in build/fuzz/.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import sysconfig
from typing import TYPE_CHECKING

from tests.server.guided import DECODERS
from tools.release_tools import ROOT, tools_of

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER = ROOT / "build" / "fuzz"
# An input that takes longer, or more, is a finding.
_BOUNDS = ("-max_len=16384", "-timeout=10", "-rss_limit_mb=512")
_LAST = re.compile(r"^#\d+\s+DONE\s+cov: (\d+).* corp: (\d+)/.* rss: (\d+)Mb", re.MULTILINE)


def run(decoder: str, inputs: int, seed: int) -> tuple[bool, str]:
    """Fuzzes one decoder; whether it held, and a sentence."""
    folder = FOLDER / decoder.replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    paths = ["generator", "server_stub", ".", sysconfig.get_path("purelib")]
    options = (f"-runs={inputs}", f"-seed={seed}", f"-artifact_prefix={folder}-", *_BOUNDS)
    done = subprocess.run(
        (tools_of("fuzz") / "python", "-m", "tests.server.guided", decoder, folder, *options),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    last = _LAST.search(done.stdout)
    if done.returncode or last is None:
        return False, done.stdout[-6000:]
    return True, f"{inputs:,} inputs; {last[2]} reach {last[1]} places in the code; {last[3]} MB at the end"


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzzes all decoders, or one, and prints a line for each."""
    parser = argparse.ArgumentParser(description="Coverage-guided fuzzing of the server's decoders.")
    parser.add_argument("--inputs", type=int, default=1_000_000, help="altogether; default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--decoder", choices=DECODERS, help="only this one")
    given = parser.parse_args(arguments)
    wanted = [given.decoder] if given.decoder else DECODERS
    failed = 0
    for decoder in wanted:
        held, sentence = run(decoder, -(-given.inputs // len(wanted)), given.seed)
        print(f"{decoder}: {sentence}", flush=True)
        failed += not held
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
