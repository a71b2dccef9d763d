"""Settings of the server in a TOML file: table ``[serve]``, names as in ``ServerOptions``."""

import tomllib
from pathlib import Path
from typing import Any

from bxpull_server.errors import OptionsError
from bxpull_server.options import options_from_table

DEFAULT_NAME = "bxpull.toml"


def read_config(path: Path | None) -> dict[str, Any]:
    """Options from ``[serve]`` of a file; a relative ``static`` counts from the file's folder.

    Args:
        path: The file; None: ``bxpull.toml`` of the working folder, if there is one.

    Raises:
        OptionsError: The file cannot be read, is not TOML, or has an unknown option.
    """
    if path is None:
        path = Path(DEFAULT_NAME)
        if not path.is_file():
            return {}
    try:
        # Editors of Windows begin UTF-8 with a mark.
        content = tomllib.loads(path.read_text("utf-8-sig"))
        repr(content)  # hexadecimal numbers are read at any length, but no sentence could hold a long one
    except OSError as error:
        raise OptionsError("config", f"cannot read {str(path)!r}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OptionsError("config", f"{str(path)!r} is not TOML: {error}") from None
    except ValueError:
        raise OptionsError("config", f"{str(path)!r} has a number too long to read") from None
    except RecursionError:
        raise OptionsError("config", f"{str(path)!r} is nested too deeply") from None
    table = content.get("serve", {})
    if not isinstance(table, dict):
        raise OptionsError("config", f"{str(path)!r}: serve must be a table, [serve]")
    try:
        values = options_from_table(table)
    except OptionsError as error:
        raise in_file(error, path) from None
    # An empty one stays so, and is refused: it would be the file's own folder, with the keys in the file.
    if isinstance(folder := values.get("static"), str) and folder:
        values["static"] = path.parent / folder
    return values


def in_file(error: OptionsError, path: Path | None) -> OptionsError:
    """The same error, which tells that the option stands in a file; ``path`` as for :func:`read_config`."""
    return OptionsError(error.option, f"{error.problem} (in {str(path or DEFAULT_NAME)!r})")
