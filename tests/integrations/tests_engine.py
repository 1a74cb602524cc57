"""The engines live in an environment of their own; elsewhere these tests skip, but not where they are asked for."""

from __future__ import annotations

import importlib
import os
from types import ModuleType

import pytest


def engine(name: str) -> ModuleType:
    """A search engine's module; its absence skips, or fails where HPADVISE_REQUIRE_INTEGRATIONS is set."""
    if os.environ.get("HPADVISE_REQUIRE_INTEGRATIONS"):
        return importlib.import_module(name)
    module: ModuleType = pytest.importorskip(name)
    return module
