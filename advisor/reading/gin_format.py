"""Gin configurations, `scope/name.parameter = value`: read as the Python assignments that they nearly are.

A reference (`@name`, `@name()`) is read as the name, a macro (`%name`) as the value it was given; a scope is a word of
the key like any other. Every character keeps its place.
"""

from __future__ import annotations

import re

from advisor.reading import python_format
from advisor.reading.common import Reading, ReadingError

_STRANGE = re.compile(
    r"""(?P<kept>'''.*?'''|\"{3}.*?\"{3}|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\#[^\n]*)"""
    r"""|(?P<sign>[@%])|(?P<scope>/)|^(?P<include>include)\b""",
    re.DOTALL | re.MULTILINE,
)


def read(text: str) -> list[Reading]:
    """Read the bindings of one gin file.

    Raises:
        ReadingError: the text is no gin, too long, or nested too deeply.
    """
    try:
        return python_format.read(_STRANGE.sub(_in_python, text))
    except ReadingError as error:
        raise ReadingError(error.message.replace("Python", "gin"), error.line, error.column) from None


def _in_python(found: re.Match[str]) -> str:
    if found["sign"]:
        return " "
    if found["scope"]:
        return "."
    return "#nclude" if found["include"] else found["kept"]
