"""Who says so: every citation stands for a document on record, and one that was not read is told as such."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from advisor import packs, rules
from advisor.explain import explain

SOURCES = packs.bundle()["sources"]
RULES = rules.rules()


def _cited(data: Any) -> Iterator[str]:
    """Every key under `source`, at any depth."""
    if isinstance(data, dict):
        yield from packs.source_keys(data.get("source"))
    if isinstance(data, dict | list):
        for inner in data.values() if isinstance(data, dict) else data:
            yield from _cited(inner)


CITED = {key for rule in RULES for part in (rule, *rule.rows) for key in part.source} | {
    key for table in packs.bundle()["other"].values() for key in _cited(table)
}


def test_every_source_exists() -> None:
    assert sorted(CITED - set(SOURCES)) == []


def test_every_source_is_cited() -> None:
    assert sorted(set(SOURCES) - CITED) == []


@pytest.mark.parametrize("address", ["arxiv", "url"])
def test_a_document_stands_under_one_key(address: str) -> None:
    named = Counter(row[address] for row in SOURCES.values() if row.get(address))
    assert [place for place, count in named.items() if count > 1] == []


def test_what_is_not_verified_says_what_is_missing() -> None:
    assert [key for key, row in SOURCES.items() if not row.get("verified") and not row.get("note")] == []


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.severity != "note"], ids=lambda rule: rule.code)
def test_what_warns_rests_on_a_source_that_was_read(rule: rules.Rule) -> None:
    unread = [
        part.source
        for part in (rule, *rule.rows)
        if part.source and not any(SOURCES[key].get("verified") for key in part.source)
    ]
    assert unread == []


def test_an_explanation_tells_which_source_is_not_verified() -> None:
    lines = dict(explain("OPT215").body)["Sources"].splitlines()
    assert lines == [
        "You et al. 2020 (LAMB): Large Batch Optimization for Deep Learning: Training BERT in 76 minutes "
        f"<arXiv:1904.00962> (not verified: {SOURCES['lamb']['note']})",
        "You et al. 2017 (LARS): Large Batch Training of Convolutional Networks <arXiv:1708.03888>",
    ]


def test_every_source_that_an_explanation_marks_is_not_verified() -> None:
    for rule in RULES:
        keys = dict.fromkeys([*rule.source, *(key for row in rule.rows for key in row.source)])
        marked = dict(explain(rule.code).body)["Sources"].count(" (not verified")
        assert (rule.code, marked) == (rule.code, sum(not SOURCES[key].get("verified") for key in keys))
