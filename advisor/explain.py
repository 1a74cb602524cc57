"""A rule, a parameter or a topic in full: what it is, what is recommended in which context, why, and who says so."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from advisor import context as contexts
from advisor import packs, rules
from advisor.expressions import format_number
from advisor.findings import CallError
from advisor.parameters import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from advisor.parameters import Parameter
    from advisor.rules import Row, Rule


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation: sections of text under headings, and a table of recommended ranges where there is one."""

    kind: str  # rule | parameter | topic
    name: str
    title: str
    body: tuple[tuple[str, str], ...]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def explain(name: str) -> Explained:
    """Explain a rule (code or name), a parameter (canonical name or a common spelling), or a topic.

    Raises `CallError` with a suggestion for what is none of these.
    """
    wanted = name.strip()
    rule = rules.by_code().get(wanted.upper()) or next((r for r in rules.rules() if r.name == wanted), None)
    if rule is not None:
        return _rule(rule)
    words = vocabulary()
    plain = wanted.lower().replace("-", "_").replace(" ", "_")
    if plain == "parameters":
        return _all_parameters(words.parameters.values())
    if plain in words.parameters:
        return _parameter(words.parameters[plain])
    if plain in topics():
        return _topic(plain, topics()[plain])
    if plain == "topics":
        return Explained(
            "topic",
            "topics",
            "Topics",
            (),
            ("topic", "about"),
            tuple((n, t["title"]) for n, t in sorted(topics().items())),
        )
    spelled = next((alias.parameter for alias in words.spelled(plain) if alias.words == (plain,)), None)
    if spelled is not None:
        return _parameter(words.parameters[spelled])
    known = [*rules.by_code(), *(r.name for r in rules.rules()), *words.parameters, *topics()]
    close = difflib.get_close_matches(wanted, known, n=1) or difflib.get_close_matches(plain, known, n=1)
    hint = (
        f"; did you mean {close[0]!r}?"
        if close
        else "; `hpadvise rules` lists the rules, `hpadvise explain parameters` the parameters"
    )
    raise CallError(f"nothing is called {name!r}{hint}")


def topics() -> dict[str, dict[str, Any]]:
    """Guidance that is no rule: by name, with title, text and sources."""
    found: dict[str, dict[str, Any]] = packs.bundle()["other"].get("topics", {}).get("topic", {})
    return found


def _topic(name: str, topic: dict[str, Any]) -> Explained:
    body = [("", topic["text"].strip())]
    body += [(part["title"], part["text"].strip()) for part in topic.get("section", ())]
    body.append(("Sources", _sources(packs.source_keys(topic.get("source")))))
    see = ", ".join(topic.get("see", ()))
    if see:
        body.append(("See also", see))
    return Explained("topic", name, topic["title"], tuple((h, t) for h, t in body if t))


def _rule(rule: Rule) -> Explained:
    body = [("What it looks for", rule.summary + "."), ("Why", rule.why)]
    if rule.require:
        condition = _when(rule.when)
        if rule.where:
            condition = f"{condition}; {rule.where}" if condition else rule.where
        body += [("Holds where", condition), ("Expects", f"`{rule.require}`")]
    body.append(("Severity", _severity(rule)))
    if rule.fix:
        body.append(("Fix", f"{rule.fix_safety}: " + ", ".join(f"{n} = {e}" for n, e in rule.fix.items())))
    for heading, kind in (("Found in", "bad"), ("Silent on", "good")):
        body.append((heading, "\n".join(_example(example) for example in rule.data.get(kind, ()))))
    sources = [*rule.source, *(key for row in rule.rows for key in row.source)]
    body.append(("Sources", _sources(dict.fromkeys(sources))))
    return Explained("rule", rule.code, f"{rule.code} {rule.name}", tuple((h, t) for h, t in body if t), *_table(rule))


def _severity(rule: Rule) -> str:
    text = "at most " + rule.severity if rule.rows else rule.severity
    grades = "".join(f"; {grade['severity']} where `{grade['where']}`" for grade in rule.grades)
    return f"{text}{grades}{' (preview: only when selected)' if rule.preview else ''}"


def _example(example: dict[str, Any]) -> str:
    config = ", ".join(f"{name} = {_value(value)}" for name, value in example["config"].items())
    return f"{config}{'  (' + example['note'] + ')' if example.get('note') else ''}"


def _value(value: Any) -> str:
    return format_number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _parameter(parameter: Parameter) -> Explained:
    rule = rules.range_rule(parameter.name)
    about = [f"{parameter.description}"]
    facts = [
        f"unit: {parameter.unit}" if parameter.unit else "",
        f"must be {parameter.bounds_text}" if parameter.bounds_text else "",
        f"{parameter.scale} scale" if parameter.numeric else "",
        f"rank {parameter.importance} of 9 in what to tune first" if parameter.importance < 5 else "",
    ]
    body = [("", " ".join(about)), ("Facts", "; ".join(fact for fact in facts if fact))]
    involved = [r for r in rules.rules() if parameter.name in (*r.blame, r.parameter)]
    body.append(("Rules", "\n".join(f"{r.code} {r.name}: {r.summary}" for r in involved)))
    if rule is None:
        return Explained("parameter", parameter.name, parameter.title, tuple((h, t) for h, t in body if t))
    body.append(("Why it matters", rule.why))
    return Explained("parameter", parameter.name, parameter.title, tuple((h, t) for h, t in body if t), *_table(rule))


def _all_parameters(parameters: Iterable[Parameter]) -> Explained:
    rows = tuple((p.name, p.category, p.unit, p.description) for p in parameters)
    return Explained(
        "parameter", "parameters", "Parameters and facts", (), ("name", "category", "unit", "meaning"), rows
    )


def _table(rule: Rule) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The recommended ranges of a rule by context."""
    if not rule.rows:
        return (), ()
    rows = tuple(
        (_when(row.when, row.where) or "anywhere", *_range(row), row.basis, rules.cite(row.source)[0])
        for row in rule.rows
    )
    return ("context", "low", "typical", "high", "basis", "source"), rows


def _range(row: Row) -> tuple[str, str, str]:
    shown = [_value(part) if part is not None else "" for part in (row.low, row.typical, row.high)]
    if row.reference:
        shown[1] = row.reference
    return shown[0], shown[1], shown[2]


def _when(when: dict[str, Any], where: str | None = None) -> str:
    parts = []
    for key, wanted in when.items():
        if isinstance(wanted, dict):
            low, high = wanted.get("min"), wanted.get("max")
            bounds = [f"at least {format_number(low)}" if low else "", f"at most {format_number(high)}" if high else ""]
            parts.append(f"{key.replace('_', ' ')} {' and '.join(bound for bound in bounds if bound)}")
        else:
            names = [contexts.title(key, one) for one in (wanted if isinstance(wanted, list) else [wanted])]
            parts.append(" or ".join(names))
    if where:
        parts.append(f"`{where}`")
    return ", ".join(parts)


def _sources(keys: Iterable[str]) -> str:
    known = packs.bundle()["sources"]
    lines = []
    for key in keys:
        row = known.get(key)
        if row is None:
            continue
        link = row.get("url") or (f"arXiv:{row['arxiv']}" if row.get("arxiv") else "")
        doubt = "" if row.get("verified") else " (not verified)"
        lines.append(
            f"{row['cite']}{': ' + row['title'] if row.get('title') else ''}{' <' + link + '>' if link else ''}{doubt}"
        )
    return "\n".join(lines)
