"""``python -m bxpull``: the command line."""

from __future__ import annotations

from bxpull.cli import main

if __name__ == "__main__":
    main(prog_name="bxpull")
