"""Messages with expressions in braces."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from advisor.expressions.compiler import Expression, ExpressionError, compile  # noqa: A004 - as re.compile
from advisor.expressions.display import format_value
from advisor.expressions.scope import Scope


class Template:
    """A message with expressions in braces; made by `template`."""

    __slots__ = ("_parts", "names", "text")

    text: str
    names: frozenset[str]

    def __init__(self, text: str, parts: tuple[str | Expression, ...]) -> None:
        self.text = text
        self._parts = parts
        self.names = frozenset().union(*(part.names for part in parts if isinstance(part, Expression)))

    def render(self, scope: Scope) -> str:
        """The message with every value written as people write it, `?` for an unknown one."""
        return "".join([part if isinstance(part, str) else format_value(part.evaluate(scope)) for part in self._parts])

    def __repr__(self) -> str:
        return f"template({self.text!r})"

    def __reduce__(self) -> tuple[Callable[[str], Template], tuple[str]]:
        return (template, (self.text,))


_BRACES: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


@lru_cache(maxsize=4096)
def template(text: str) -> Template:
    """Compile a message: `{expression}` is evaluated, `{{` and `}}` are braces; raises `ExpressionError`."""
    parts: list[str | Expression] = []
    end = 0
    for match in _BRACES.finditer(text):
        parts.append(text[end : match.start()])
        parts.append(_template_part(match))
        end = match.end()
    parts.append(text[end:])
    return Template(text, tuple(part for part in parts if part != ""))


def _template_part(match: re.Match[str]) -> str | Expression:
    if match[1] is None:
        if len(match[0]) == 1:
            raise ExpressionError(f"a lone {match[0]}: write it twice to mean the character", match.start() + 1)
        return match[0][0]
    try:
        return compile(match[1])
    except ExpressionError as problem:
        raise ExpressionError(problem.message, match.start(1) + problem.column) from None
