"""A rule, a parameter, a topic or a law in full: what it is, what is recommended where, why, and who says so."""

from __future__ import annotations

import difflib
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from advisor import context as contexts
from advisor import laws, packs, rules
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

    kind: str  # rule | parameter | topic | law
    name: str
    title: str
    body: tuple[tuple[str, str], ...]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def explain(name: str) -> Explained:
    """Explain a rule (code or name), a parameter (canonical name or a common spelling), a topic or a published law.

    Raises `CallError` with a suggestion for what is none of these.
    """
    wanted = name.strip()
    plain = wanted.lower().replace("-", "_").replace(" ", "_")
    for find in (_as_rule, _as_list, _as_parameter, _as_topic, _as_law, _as_spelling):
        found = find(wanted if find is _as_rule else plain)
        if found is not None:
            return found
    known = [*rules.by_code(), *(r.name for r in rules.rules()), *vocabulary().parameters, *topics(), *_other_words()]
    close = difflib.get_close_matches(wanted, known, n=1) or difflib.get_close_matches(plain, known, n=1)
    hint = (
        f"; did you mean {close[0]!r}?"
        if close
        else "; `hpadvise rules` lists the rules, `hpadvise explain parameters` the parameters, "
        "`hpadvise explain topics` the topics"
    )
    raise CallError(f"nothing is called {name!r}{hint}")


def _as_rule(wanted: str) -> Explained | None:
    rule = rules.by_code().get(wanted.upper()) or next((r for r in rules.rules() if r.name == wanted), None)
    return None if rule is None else _rule(rule)


def _as_list(plain: str) -> Explained | None:
    if plain == "parameters":
        return _all_parameters(vocabulary().parameters.values())
    if plain == "topics":
        rows = tuple((n, t["title"]) for n, t in sorted(topics().items()))
        return Explained("topic", "topics", "Topics", (), ("topic", "about"), rows)
    return None


def _as_parameter(plain: str) -> Explained | None:
    parameter = vocabulary().parameters.get(plain)
    return None if parameter is None else _parameter(parameter)


def _as_topic(plain: str) -> Explained | None:
    name = plain if plain in topics() else _other_words().get(plain)
    return None if name is None else _topic(name, topics()[name])


def _as_law(plain: str) -> Explained | None:
    """A published formula: what its own documentation says."""
    law = getattr(laws, plain, None)
    if plain not in laws.__all__ or not inspect.isfunction(law):
        return None
    paragraphs = (inspect.getdoc(law) or "").split("\n\n")
    call = f"advisor.laws.{plain}{inspect.signature(law)}".replace("'", "")
    body = (("", "\n".join(part.replace("\n", " ") for part in paragraphs)), ("In Python", call))
    return Explained("law", plain, plain.replace("_", " "), body)


def _as_spelling(plain: str) -> Explained | None:
    words = vocabulary()
    spelled = next((alias.parameter for alias in words.spelled(plain) if alias.words == (plain,)), None)
    return None if spelled is None else _parameter(words.parameters[spelled])


def _topics_on(name: str) -> str:
    """The topics that point to a rule or parameter."""
    return "\n".join(f"{topic}: {row['title']}" for topic, row in topics().items() if name in row.get("see", ()))


def _other_words() -> dict[str, str]:
    """Other words under which people look for a topic -> its name."""
    return {word: name for name, topic in topics().items() for word in topic.get("also", ())}


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
            condition = f"{condition}; `{rule.where}`" if condition else f"`{rule.where}`"
        body += [("Holds where", condition), ("Expects", f"`{rule.require}`")]
    body.append(("Severity", _severity(rule)))
    if rule.fix:
        body.append(("Fix", f"{rule.fix_safety}: " + ", ".join(f"{n} = {e}" for n, e in rule.fix.items())))
    for heading, kind in (("Found in", "bad"), ("Silent on", "good")):
        body.append((heading, "\n".join(_example(example) for example in rule.data.get(kind, ()))))
    body.append(("Topics", _topics_on(rule.code)))
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
    body.append(("Named values", ", ".join(contexts.values(parameter.name))))
    involved = [r for r in rules.rules() if parameter.name in (*r.blame, r.parameter)]
    body.append(("Rules", "\n".join(f"{r.code} {r.name}: {r.summary}" for r in involved)))
    body.append(("Topics", _topics_on(parameter.name)))
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
        (
            (_when(row.when, row.where) or "anywhere") + (" (textbook)" if row.textbook else ""),
            *_range(row),
            row.basis,
            rules.cite(row.source)[0],
        )
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
        missing = f": {row['note']}" if row.get("note") else ""
        doubt = "" if row.get("verified") else f" (not verified{missing})"
        lines.append(
            f"{row['cite']}{': ' + row['title'] if row.get('title') else ''}{' <' + link + '>' if link else ''}{doubt}"
        )
    return "\n".join(lines)
