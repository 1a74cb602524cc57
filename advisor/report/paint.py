"""Colour for terminals: words for what is shown, kept in one table."""

from __future__ import annotations

_CODES = {
    "error": "1;31",
    "warning": "33",
    "note": "36",
    "path": "1",
    "code": "1",
    "good": "32",
    "label": "2",
    "heading": "1",
}


class Paint:
    """Paints text where colour is wanted and leaves it alone where not."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, text: str, kind: str) -> str:
        """`text` in the colour of `kind`, one of the words of the table."""
        return f"\x1b[{_CODES[kind]}m{text}\x1b[0m" if self._colour and text else text
