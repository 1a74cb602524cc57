"""Build hook of the wheel: the packs, validated once, travel with the package as one JSON file."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundleHook(BuildHookInterface):  # type: ignore[type-arg, misc, unused-ignore]
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add `advisor/_bundle.json`; a pack that is not valid fails the build.

        An editable install reads the packs where they are edited and caches the bundle itself.
        """
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        try:
            from advisor import packs

            self._folder = tempfile.TemporaryDirectory()
            bundle = packs.write_shipped(Path(self._folder.name) / "_bundle.json")
        finally:
            sys.path.remove(self.root)
        build_data["force_include"][str(bundle)] = "advisor/_bundle.json"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        if version != "editable":
            self._folder.cleanup()
