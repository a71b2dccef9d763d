"""``bxpull completion``, and what shells are told by it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("bxpull")


def told(shell: str, words: str, word: str) -> list[str]:
    """The lines that a shell gets when its script asks: by the number of the word, or in fish by the word."""
    done = subprocess.run(
        [COMMAND],
        env={
            **os.environ,
            "_BXPULL_COMPLETE": f"{shell}_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": word,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def completed(words: str, number: int) -> list[str]:
    """What bash is told when it asks for the word of this number."""
    return [line.partition(",")[2] for line in told("bash", words, str(number))]


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
    names = ["build", "init", "doctor", "serve", "send", "tail", "replay", "gen-test", "completion"]
    assert completed("bxpull ", 1) == names
    assert completed("bxpull do", 1) == ["doctor"]
    assert completed("bxpull --v", 1) == ["--version"]
    assert {"--user", "--shared", "--json"} <= set(completed("bxpull send --", 2))
    assert completed("bxpull serve --sta", 2) == ["--static"]
    assert completed("bxpull completion z", 2) == ["zsh"]


def test_zsh_is_told_what_each_completion_is_about() -> None:
    # By threes: kind, word, and a sentence or an underscore.
    assert told("zsh", "bxpull ta", "1") == [
        "plain",
        "tail",
        "Show the events of a running server as they pass.",
    ]
    assert told("zsh", "bxpull completion z", "2") == ["plain", "zsh", "_"]


def test_fish_is_told_what_each_completion_is_about() -> None:
    assert told("fish", "bxpull ta", "ta") == [
        "plain,tail\tShow the events of a running server as they pass."
    ]
    assert told("fish", "bxpull completion z", "z") == ["plain,zsh"]


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
