"""Every rule's own examples are run: it speaks of what is bad, as loudly as it says, and is silent on what is good."""

from __future__ import annotations

import re
from typing import Any

import pytest

import advisor
from advisor import context as contexts
from advisor import rules
from advisor.builtin import REGISTRY
from advisor.parameters import vocabulary

RULES = rules.rules()


def _examples(kind: str) -> list[Any]:
    return [
        pytest.param(rule, example, id=f"{rule.code}-{kind}-{number}")
        for rule in RULES
        for number, example in enumerate(rule.data.get(kind, ()))
    ]


def _findings(rule: rules.Rule, example: dict[str, Any]) -> list[advisor.Finding]:
    words = vocabulary().parameters
    config = {name: value for name, value in example["config"].items() if name in words}
    facts = {name: value for name, value in example["config"].items() if name not in words and name != "dialect"}
    report = advisor.check(
        config,
        facts=facts,
        dialect=example["config"].get("dialect"),
        select=[rule.code],
        profile=example.get("profile", "auto"),
    )
    return [finding for finding in report.findings if finding.code == rule.code]


@pytest.mark.parametrize(("rule", "example"), _examples("good"))
def test_silent_on_good(rule: rules.Rule, example: dict[str, Any]) -> None:
    found = _findings(rule, example)
    severity = example.get("severity")
    if severity is None:
        assert found == []
    else:  # at most this loud
        assert [f.severity for f in found] in ([], [severity])


@pytest.mark.parametrize(("rule", "example"), _examples("bad"))
def test_speaks_of_bad(rule: rules.Rule, example: dict[str, Any]) -> None:
    found = _findings(rule, example)
    assert [finding.severity for finding in found[:1]] == [example.get("severity", rule.severity)]
    assert found[0].message
    assert "?" not in re.sub(r"`[^`]*`", "", found[0].message.split("did you mean")[0]), "an unknown in the message"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_documented(rule: rules.Rule) -> None:
    assert rule.summary
    assert len(rule.why) > 40
    assert rule.source or rule.rows, "a rule cites who says so"
    if not rule.builtin:
        assert rule.data.get("good"), "shows what it leaves alone"
        assert rule.data.get("bad"), "shows what it catches"


def test_codes_and_names_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_every_context_exists() -> None:
    unknown = set()
    for rule in RULES:
        for when in (rule.when, *(row.when for row in rule.rows)):
            for key, wanted in when.items():
                names = wanted if isinstance(wanted, list) else [wanted]
                if contexts.hierarchical(key):
                    unknown |= {
                        (rule.code, key, n) for n in names if isinstance(n, str) and not contexts.known_value(key, n)
                    }
                elif key not in vocabulary().parameters and key not in vocabulary().derived:
                    unknown.add((rule.code, key, ""))
    assert sorted(unknown) == []


def test_every_parameter_exists() -> None:
    known = set(vocabulary().parameters) | set(vocabulary().derived)
    named = {name for rule in RULES for name in (*rule.blame, *rule.fix, *([rule.parameter] if rule.parameter else []))}
    assert sorted(named - known) == []


def test_every_builtin_exists() -> None:
    assert {rule.builtin for rule in RULES if rule.builtin} == set(REGISTRY)


def test_suppression_names_rules() -> None:
    codes = {rule.code for rule in RULES}
    named = {code for rule in RULES for code in rule.suppressed_by}
    assert sorted(code for code in named if not any(c.startswith(code) for c in codes)) == []
