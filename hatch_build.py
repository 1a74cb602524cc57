"""Build hook of the wheel: the rules, and all packs validated once as one file, travel inside the package.

The bare import name `rules` belongs to another project, so they cannot lie beside it in an installation.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundleHook(BuildHookInterface):  # type: ignore[type-arg, misc, unused-ignore]
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add `advisor/rules` and `advisor/_bundle.jsonl`; a pack that is not valid fails the build.

        An editable install reads the rules where they are edited and caches the bundle itself.
        """
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        try:
            from advisor import packs  # found only once the path is set

            self._folder = tempfile.TemporaryDirectory()
            bundle = Path(self._folder.name) / "_bundle.jsonl"
            packs.write_shipped(bundle)
        finally:
            sys.path.remove(self.root)
        build_data["force_include"][str(Path(self.root) / "rules")] = "advisor/rules"
        build_data["force_include"][str(bundle)] = "advisor/_bundle.jsonl"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        if version != "editable":
            self._folder.cleanup()
