"""``bxpull completion``."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

__all__ = ["completion"]

_NAME = "bxpull"
_SHELLS: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command()
@click.argument("shell", type=click.Choice(list(_SHELLS)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that completes commands and options in a shell.

    \b
    bash: eval "$(bxpull completion bash)"     in ~/.bashrc
    zsh:  eval "$(bxpull completion zsh)"      in ~/.zshrc
    fish: bxpull completion fish | source      in ~/.config/fish/config.fish
    """  # noqa: D301 - a backspace keeps click from joining the lines
    root = ctx.find_root().command
    # The name by which click finds what a shell asks, as long as the command is called bxpull.
    click.echo(_SHELLS[shell](root, {}, _NAME, f"_{_NAME.upper()}_COMPLETE").source())
