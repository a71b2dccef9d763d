"""``bxpull completion``, and what shells are told by it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("bxpull")


def completed(words: str, number: int) -> list[str]:
    """What bash is told when it asks for the word of this number."""
    done = subprocess.run(
        [COMMAND],
        env={
            **os.environ,
            "_BXPULL_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(number),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("shell", "sign"), [("bash", "complete -o"), ("zsh", "compdef"), ("fish", "complete --")]
)
def test_prints_the_script_of_a_shell(shell: str, sign: str) -> None:
    done = subprocess.run(
        [COMMAND, "completion", shell], capture_output=True, text=True, timeout=60, check=True
    )
    assert sign in done.stdout
    assert "_BXPULL_COMPLETE" in done.stdout
    assert done.stderr == ""
    program = shutil.which(shell)
    if program is not None:
        subprocess.run([program, "-n"], input=done.stdout, text=True, timeout=60, check=True)


def test_another_shell_is_refused() -> None:
    done = subprocess.run(
        [COMMAND, "completion", "tcsh"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in done.stderr


def test_commands_and_their_options_are_completed() -> None:
    assert completed("bxpull ", 1) == ["build", "init", "doctor", "serve", "send", "tail", "completion"]
    assert completed("bxpull do", 1) == ["doctor"]
    assert completed("bxpull --v", 1) == ["--version"]
    assert {"--user", "--shared", "--json"} <= set(completed("bxpull send --", 2))
    assert completed("bxpull serve --sta", 2) == ["--static"]
    assert completed("bxpull completion z", 2) == ["zsh"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_with_the_script() -> None:
    script = """
        eval "$(bxpull completion bash)"
        COMP_WORDS=(bxpull ta) COMP_CWORD=1
        _bxpull_completion bxpull
        echo "${COMPREPLY[@]}"
    """
    path = os.pathsep.join([str(COMMAND.parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("tail\n", "")
