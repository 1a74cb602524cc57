"""The pages that are readings of the rules are what the rules say now."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from advisor import rules
from advisor.explain import topics

DOCS = Path(__file__).resolve().parent.parent / "docs"


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATOR = _generator()
PAGES: dict[Path, str] = GENERATOR.pages()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
def test_a_page_is_not_stale(path: Path) -> None:
    assert path.is_file(), "missing: run `python docs/generate.py`"
    same = path.read_text(encoding="utf-8") == PAGES[path]
    assert same, f"{path.name} is stale: run `python docs/generate.py`"


def test_no_page_is_left_over() -> None:
    assert set((DOCS / "rules").glob("*.md")) <= set(PAGES)


def test_every_rule_and_topic_has_its_place() -> None:
    pages = {path.relative_to(DOCS).as_posix(): text for path, text in PAGES.items()}
    for rule in rules.rules():
        home = f"rules/{GENERATOR.family(rule.code)}.md"
        assert f'<a id="{rule.code.lower()}"></a>{rule.code} {rule.name}' in pages[home]
        assert f"({home}#{rule.code.lower()})" in pages["rules.md"]
    for name in topics():
        assert f'<a id="{name}">' in pages["topics.md"]


def test_links_between_the_pages_lead_somewhere() -> None:
    for path, text in PAGES.items():
        prose = re.sub(r"`[^`\n]*`", "", text)
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", prose):
            page = (path.parent / target).resolve() if target else path
            shown = PAGES.get(page) or page.read_text(encoding="utf-8")
            assert not anchor or f'<a id="{anchor}">' in shown, f"{path.name}: {target}#{anchor}"


def test_tables_keep_their_columns() -> None:
    for text in PAGES.values():
        for block in re.findall(r"(?:^\|.*\n)+", text, re.M):
            widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
            assert len(widths) == 1, block[:200]
