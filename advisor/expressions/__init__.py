"""The rules' expression language: a small part of Python's expression syntax with unknown as a value.

An expression is text from a rule, a dialect or a vocabulary, and so perhaps from somebody else's pack: it is parsed
with `ast`, checked node by node against the tables below, and compiled once to closures. Nothing is ever passed to
`eval`. There is no attribute access, no call but of the functions listed here, and length, depth, exponents, patterns
and magnitudes are bounded.

Evaluating never raises: whatever cannot be computed (a name that the scope does not know, text plus number, a
division by zero, an overflow) is `UNKNOWN`, and `and`, `or`, `not` and comparisons treat it as Kleene's logic does.
"""

from __future__ import annotations

from advisor.expressions.compiler import Expression, ExpressionError, compile  # noqa: A004 - as re.compile
from advisor.expressions.display import format_number, format_value
from advisor.expressions.scope import MappingScope, Over, Scope
from advisor.expressions.templates import Template, template
from advisor.expressions.values import UNKNOWN, Unknown

__all__ = [
    "UNKNOWN",
    "Expression",
    "ExpressionError",
    "MappingScope",
    "Over",
    "Scope",
    "Template",
    "Unknown",
    "compile",
    "format_number",
    "format_value",
    "template",
]
