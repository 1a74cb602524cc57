"""References within a file: `${optimizer.lr}` (OmegaConf, spaCy, HyperPyYAML's `!ref`), `@lr` (MONAI).

A reference is followed only where the file itself holds what it names; expressions, environment variables and
resolvers (`${oc.env:LR}`, `${eval:...}`) stay unknown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from advisor.expressions import UNKNOWN

if TYPE_CHECKING:
    from advisor.document import KeyPath

#: References to references are followed this often.
_HOPS = 8

_WHOLE = re.compile(
    r"\s*(?:\$\{\s*(?P<dotted>\.*[\w-]+(?:[.\[\]:#][\w-]*)*)\s*\}|@(?P<at>[A-Za-z_]\w*(?:(?:::|#)\w+)*))\s*"
)
_STEP = re.compile(r"[^.\[\]:#]+")


def resolve(data: Any, text: str, path: KeyPath) -> Any:
    """What a text that is nothing but a reference stands for: a scalar or a list of scalars, or `UNKNOWN`.

    `path` is the key path of the text; leading dots (`${.lr}`, `${..lr}`) are counted from there.
    """
    value: Any = text
    for _ in range(_HOPS):
        match = _WHOLE.fullmatch(value) if isinstance(value, str) and len(value) < 200 else None
        if match is None:
            return value if _plain(value) else UNKNOWN
        found = _target(data, match["dotted"] or match["at"], path)
        if found is None:
            return UNKNOWN
        value, path = found
    return UNKNOWN


def _target(data: Any, name: str, path: KeyPath) -> tuple[Any, KeyPath] | None:
    dots = len(name) - len(name.lstrip("."))
    if dots > len(path):
        return None
    steps: tuple[Any, ...] = (*path[: len(path) - dots], *_STEP.findall(name)) if dots else (*_STEP.findall(name),)
    node = data
    taken: list[Any] = []
    for step in steps:
        key = _key(node, step)
        if key is None:
            return None
        node = node[key]
        taken.append(key)
    return node, tuple(taken)


def _key(node: Any, step: Any) -> Any:
    """The key of a mapping or list that a step of a reference names; None where there is none."""
    if isinstance(node, dict):
        return step if step in node else None
    if isinstance(node, list):
        text = str(step)
        return int(text) if text.isdigit() and int(text) < len(node) else None
    return None


def _plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(not isinstance(item, dict | list) for item in value)
    return not isinstance(value, dict)
