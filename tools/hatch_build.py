"""Build hook of hatchling: bundles the client for the embedded engine before a wheel or sdist is packed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PrebuildHook(BuildHookInterface[Any]):
    """Runs ``bxpull.prebuild`` unless the bundles are up to date; an editable install does without."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's interface
        """Makes ``generator/bxpull/_prebuilt``.

        Raises:
            RuntimeError: If the bundles are missing or old and cannot be made here.
        """
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "generator"))
        try:
            from bxpull.errors import BxpullError
            from bxpull.prebuild import ensure

            try:
                ensure(root / "client" / "src", root / "generator" / "bxpull" / "_prebuilt")
            except BxpullError as error:
                raise RuntimeError(
                    f"packaging bxpull needs the client bundled by esbuild and terser: {error} "
                    "(run 'npm ci' in the repository first)"
                ) from error
        finally:
            sys.path.remove(str(root / "generator"))
