"""Write the pages of the documentation that are readings of the data: `python docs/generate.py`.

`docs/rules.md` lists all rules, `docs/rules/` holds them in full, `docs/topics.md` the guidance beside them (as
`hpadvise explain` tells them), and `docs/trainers.md` lists the dialects.  A test fails when a page is not what this
would write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path

from advisor import rules
from advisor.dialects import Dialect, Dialects
from advisor.explain import Explained, explain, topics
from advisor.rules import Rule

HERE = Path(__file__).resolve().parent
MADE = "<!-- Written by `python docs/generate.py` from the files of rules/; edit those. -->"
MADE_OF_DIALECTS = "<!-- Written by `python docs/generate.py` from advisor/dialects/*.toml; edit those. -->"

#: What the letters of a code stand for, in the order in which a reader meets them.
FAMILIES = {
    "LR": "Learning rate",
    "SCH": "Schedule and warm-up",
    "OPT": "Optimizer",
    "WD": "Weight decay",
    "CLP": "Gradient clipping",
    "BAT": "Batch",
    "LEN": "Length of training and of sequences",
    "EVA": "Evaluation, saving and early stopping",
    "DRP": "Dropout and other noise",
    "NRM": "Normalisation and the place of dropout",
    "LOS": "Loss",
    "ARC": "Architecture",
    "NET": "Sizes of layers",
    "ADP": "Adapters",
    "PRF": "Preferences and rewards of language models",
    "RL": "Reinforcement learning",
    "DIF": "Diffusion",
    "AUD": "Audio",
    "TRE": "Trees and other learners: ranges",
    "CLS": "Classic learners",
    "PRC": "Precision",
    "ENG": "Engines and data",
    "REP": "Reproducibility",
    "HPO": "Search spaces",
    "KEY": "Keys",
    "TYP": "Types and hard bounds",
}


def family(code: str) -> str:
    """The letters of a code."""
    return code.rstrip("0123456789")


def by_family() -> list[tuple[str, list[Rule]]]:
    """The rules of each family, in the order of `FAMILIES`; raises `KeyError` for letters that are not there."""
    places = {letters: place for place, letters in enumerate(FAMILIES)}
    every = sorted(rules.rules(), key=lambda rule: (places[family(rule.code)], rule.code))
    return [(letters, list(group)) for letters, group in groupby(every, key=lambda rule: family(rule.code))]


def index() -> str:
    """The list of all rules."""
    families = by_family()
    parts = [
        "# Rules",
        MADE,
        f"{sum(len(group) for _, group in families)} rules. `error`: mathematically invalid, or certain to crash or to "
        "learn nothing. `warning`: outside the documented recommendation by enough to matter. `note`: worth knowing. "
        "The severity of a range rule is the most that it says; near its range it says less. How a rule is written is "
        "told in [rules/README.md](../rules/README.md); guidance that is no rule stands in [topics](topics.md).",
    ]
    for letters, group in families:
        parts.append(f"## {FAMILIES[letters]} ({letters})")
        rows = [
            (f"[{r.code}](rules/{letters}.md#{r.code.lower()})", f"`{r.name}`", r.severity, r.summary) for r in group
        ]
        parts.append(table(("code", "name", "severity", "what it finds"), rows))
    return page(parts)


def reference(letters: str, group: Iterable[Rule]) -> str:
    """The rules of one family in full."""
    parts = [f"# {FAMILIES[letters]}", MADE, "[All rules](../rules.md)"]
    for rule in group:
        parts.append(f'## <a id="{rule.code.lower()}"></a>{rule.code} {rule.name}')
        parts.extend(sections(explain(rule.code)))
    return page(parts)


def guidance() -> str:
    """All topics."""
    names = sorted(topics(), key=lambda name: topics()[name]["title"].lower())
    parts = [
        "# Topics",
        MADE,
        "Guidance that no config can be checked for, with what later evidence says about it. "
        "`hpadvise explain NAME` tells the same.",
        "\n".join(f"- [{topics()[name]['title']}](#{name}) (`{name}`)" for name in names),
    ]
    for name in names:
        parts.append(f'## <a id="{name}"></a>{topics()[name]["title"]}')
        parts.extend(sections(explain(name)))
    return page(parts)


def trainers() -> str:
    """The dialects, and what is on record of each."""
    every = sorted(Dialects(), key=lambda dialect: dialect.title.lower())
    rows = [trainer(dialect) for dialect in every if dialect.name != "generic"]
    return page(
        [
            "# Trainers",
            MADE_OF_DIALECTS,
            f"{len(rows)} trainers whose configs are recognised and read in their own words; others are read by "
            "the usual names of its keys. *Keys* counts those that the trainer is known to take: one that is close to "
            "such a key and is none is told as misspelt. How a trainer is described, and how to describe your own, is "
            "told in [dialects](dialects.md).",
            table(("trainer", "`--dialect`", "as far as not told otherwise, read like", "keys"), rows),
        ]
    )


def trainer(dialect: Dialect) -> tuple[str, str, str, str]:
    """A row of the trainers' table."""
    home = dialect.data.get("homepage")
    keys = sum(map(len, dialect.known_sections.values()))
    parent = dialect.data.get("parent")
    return (
        f"[{dialect.title}]({home})" if home else dialect.title,
        f"`{dialect.name}`",
        f"`{parent}`" if parent else "",
        f"{keys}{', and no others' if dialect.known.get('closed') else ''}" if keys else "",
    )


def sections(explained: Explained) -> Iterator[str]:
    """The parts of an explanation; its table stands before the sources."""
    for title, text in explained.body:
        if title == "Sources" and explained.rows:
            yield "**Recommended**"
            yield table(explained.columns, explained.rows)
        shown = SHOWN.get(title, linked)
        lines = [shown(line) for line in text.split("\n") if line]
        if not title:
            yield "\n\n".join(lines)
        elif len(lines) == 1:
            yield f"**{title}:** {lines[0]}"
        else:
            yield f"**{title}**"
            yield "\n".join(f"- {line}" for line in lines)


def code(line: str) -> str:
    """A line that is code."""
    return f"`{line}`"


def to_topic(line: str) -> str:
    """`name: title` as a link to the topic."""
    name, _, title = line.partition(": ")
    return f"[{title}](../topics.md#{name})"


#: How lines under a heading are shown, where they are not text.
SHOWN: dict[str, Callable[[str], str]] = {"Found in": code, "Silent on": code, "Topics": to_topic}


def linked(line: str) -> str:
    """A line of text whose papers are links, and whose stars and underscores stay what they are."""
    line = re.sub(r"<arXiv:([^>]+)>", r"[arXiv:\1](https://arxiv.org/abs/\1)", line)
    pieces = re.split(r"(`[^`]*`|\]\([^)]*\)|<https?://[^>]*>)", line)
    return "".join(piece if place % 2 else re.sub(r"([*_])", r"\\\1", piece) for place, piece in enumerate(pieces))


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table whose cells may hold anything but line ends."""
    lines = [list(header)]
    lines.append(["---"] * len(lines[0]))
    lines.extend([cell.replace("|", "\\|") for cell in row] for row in rows)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def page(parts: Iterable[str]) -> str:
    """Paragraphs with a blank line between them."""
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def pages() -> dict[Path, str]:
    """Every page by its path."""
    families = {HERE / "rules" / f"{letters}.md": reference(letters, group) for letters, group in by_family()}
    return {HERE / "rules.md": index(), HERE / "topics.md": guidance(), HERE / "trainers.md": trainers(), **families}


def main() -> None:
    """Write every page, and remove those of families that are gone."""
    made = pages()
    (HERE / "rules").mkdir(exist_ok=True)
    for old in set((HERE / "rules").glob("*.md")) - set(made):
        old.unlink()
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
