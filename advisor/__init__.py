"""A linter and advisor for training configurations.

The names below are the library's public interface; everything else may change.  `import advisor` alone loads none of
them: each is imported when it is first used.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from advisor.engine import check as check
    from advisor.explain import explain as explain
    from advisor.findings import AdviceError as AdviceError
    from advisor.findings import CallError as CallError
    from advisor.findings import Finding as Finding
    from advisor.findings import Report as Report
    from advisor.scale import scale_learning_rate as scale_learning_rate
    from advisor.space import search_space as search_space
    from advisor.suggest import suggest as suggest

__version__ = "0.1.0"

#: Each public name and the module that defines it.
_HOMES = {
    "AdviceError": "advisor.findings",
    "CallError": "advisor.findings",
    "Finding": "advisor.findings",
    "Report": "advisor.findings",
    "check": "advisor.engine",
    "explain": "advisor.explain",
    "scale_learning_rate": "advisor.scale",
    "search_space": "advisor.space",
    "suggest": "advisor.suggest",
}

__all__ = [*_HOMES, "__version__"]  # noqa: PLE0604 - the names are text, held in one table


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(home), name)
    return value


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted({*globals(), *_HOMES})


class _Package(ModuleType):
    """The package itself: a submodule that shares its name with a public function does not take the name over.

    Python binds a submodule in its package when it is first imported; `advisor.suggest` is to stay the function.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        """By name, as other modules are pickled for another process: this class is not known there to be one."""
        return import_module, (self.__name__,)

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
