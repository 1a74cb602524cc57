"""Plain values as the formats write them.  Knows nothing of training."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

_INDENT: Final = "  "
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(?:[./][A-Za-z0-9_-]+)*")
_UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
#: Plain scalars that some YAML reader takes for something else than text.
_RESERVED: Final = frozenset({"true", "false", "yes", "no", "on", "off", "null", "none", "y", "n", "inf", "nan"})


def json_text(value: Any) -> str:
    """A value as JSON on one line, in ASCII."""
    return json.dumps(value, ensure_ascii=True)


def _quoted(value: Any) -> str:
    """A scalar as JSON, YAML and TOML have it in common: letters as they are, what cannot be seen as `\\uXXXX`."""
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))


def yaml_text(value: Any) -> str:
    """A value as every YAML reader understands it, on one line.

    A number with an exponent gets the point and the sign without which YAML 1.1 takes it for text.
    """
    if isinstance(value, float):
        mantissa, mark, exponent = repr(value).partition("e")
        point = "" if "." in mantissa or not mantissa[-1].isdigit() else ".0"
        sign = "+" if mark and exponent[0].isdigit() else ""
        return f"{mantissa}{point}{mark}{sign}{exponent}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(yaml_text, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{yaml_text(key)}: {yaml_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, str) and _WORD.fullmatch(value) and value.lower() not in _RESERVED:
        return value
    return _quoted(value)


def yaml_block(data: Mapping[str, Any], indent: str = "", end: str = "\n") -> str:
    """A mapping in YAML's block form, a line a value."""
    return "".join(_yaml_entry(f"{indent}{yaml_text(key)}:", value, indent, end) for key, value in data.items())


def yaml_item(value: Any, indent: str, end: str = "\n") -> str:
    """An item of a block sequence whose dash stands at `indent`."""
    if not isinstance(value, dict) or not value:
        return f"{indent}- {yaml_text(value)}{end}"
    inner = yaml_block(value, indent + _INDENT, end)
    return f"{indent}- {inner[len(indent) + len(_INDENT) :]}"


def _yaml_entry(head: str, value: Any, indent: str, end: str) -> str:
    if isinstance(value, dict) and value:
        return f"{head}{end}{yaml_block(value, indent + _INDENT, end)}"
    if isinstance(value, list) and any(isinstance(item, dict) and item for item in value):
        return f"{head}{end}" + "".join(yaml_item(item, indent + _INDENT, end) for item in value)
    return f"{head} {yaml_text(value)}{end}"


def toml_text(value: Any) -> str:
    """A value as TOML on one line; raises `ValueError` for null, which TOML does not know."""
    if value is None:
        raise ValueError("TOML has no null")
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_text, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml_key(key)} = {toml_text(item)}" for key, item in value.items()) + "}"
    return _quoted(value)


def toml_key(key: str) -> str:
    """A key of a TOML table, quoted where it must be."""
    return key if _BARE.fullmatch(key) else _quoted(key)


def toml_block(data: Mapping[str, Any], above: tuple[str, ...] = ()) -> str:
    """A mapping as TOML: its values first, then a table for each mapping in it."""
    plain = {key: value for key, value in data.items() if not isinstance(value, dict) or not value}
    out = "".join(f"{toml_key(key)} = {toml_text(value)}\n" for key, value in plain.items())
    if above and plain:
        out = f"[{'.'.join(map(toml_key, above))}]\n{out}"
    for key, value in data.items():
        if key not in plain:
            inner = toml_block(value, (*above, key))
            out += f"\n{inner}" if out else inner
    return out


def ini_text(value: Any) -> str:
    """A value as it stands behind the equals sign of an INI file."""
    return value if isinstance(value, str) else "" if value is None else json_text(value)


#: Whole documents by format.
DOCUMENTS: Final[Mapping[str, Callable[[dict[str, Any]], str]]] = {
    "json": lambda data: json.dumps(data, indent=2, ensure_ascii=True) + "\n",
    "yaml": yaml_block,
    "toml": toml_block,
}
