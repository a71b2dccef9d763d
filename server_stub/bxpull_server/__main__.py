"""``python -m bxpull_server`` is ``bxpull serve``."""

from bxpull_server.cli import serve

serve(prog_name="python -m bxpull_server")
