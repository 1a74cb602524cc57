"""Every claim of the founding documents is covered by something that exists and is about it."""

from __future__ import annotations

import csv
import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import advisor
from advisor import laws, packs, rules
from advisor.explain import explain, topics
from advisor.parameters import vocabulary

HERE = Path(__file__).parent
CLAIMS: dict[str, dict[str, Any]] = packs.parse_toml("coverage", (HERE / "coverage_seed.toml").read_text("utf-8"))[
    "claims"
]
NUMBERS = {"A": 42, "B": 97, "C": 51, "D": 9}
INVENTORY = HERE.parent.parent / "shared" / "knowledge" / "seed_inventory.csv"


def _rule(code: str) -> str:
    rule = rules.by_code()[code]
    data = dict(rule.data)
    if not rule.builtin:  # what such a rule looks at stands in its examples alone
        data.update(good=[], bad=[])
    return json.dumps(data)


def _law(name: str) -> str:
    assert name in laws.__all__, name
    law = getattr(laws, name)
    return f"{name} {inspect.signature(law)} {inspect.getdoc(law)} {inspect.getsource(law)}"


def _parameter(name: str) -> str:
    parameter = vocabulary().parameters[name]
    assert len(parameter.description) > 10, f"{name} is described"
    return f"{name} {parameter.title} {parameter.category} {parameter.description} {parameter.bounds_text}"


def _choice(name: str) -> str:
    parameter, _, value = name.partition(" ")
    assert value in vocabulary().choices[parameter], name
    return name


def _topic(name: str) -> str:
    topic = topics()[name]
    return " ".join(
        [
            topic["title"],
            topic["text"],
            *(s["title"] + s["text"] for s in topic.get("section", ())),
            *topic.get("see", ()),
        ]
    )


def _suggest(name: str) -> str:
    kinds = packs.bundle()["other"]["suggest"]["kind"].values()
    assert any(name in kind["parameters"] for kind in kinds), f"no kind of run proposes {name}"
    return f"{name} {_parameter(name)}"


def _search(name: str) -> str:
    rows = [row for row in packs.bundle()["other"]["space"]["search"] if row["method"] == name]
    assert rows, f"no budget leads to {name}"
    return " ".join([name, *(f"{row['where']} {row['why']}" for row in rows)])


KINDS: dict[str, Callable[[str], str]] = {
    "rule": _rule,
    "law": _law,
    "parameter": _parameter,
    "choice": _choice,
    "topic": _topic,
    "suggest": _suggest,
    "search": _search,
}


def test_all_claims_are_listed_once() -> None:
    expected = [f"{document}-{number:02}" for document, last in NUMBERS.items() for number in range(1, last + 1)]
    assert list(CLAIMS) == expected
    assert len(CLAIMS) == 199


@pytest.mark.parametrize("claim", CLAIMS)
def test_covered_by_what_exists_and_mentions_it(claim: str) -> None:
    entry = CLAIMS[claim]
    words = entry["about"].lower().split()
    assert entry["by"], "something covers it"
    for by in entry["by"]:
        kind, _, name = by.partition(" ")
        text = KINDS[kind](name).lower()
        assert any(word in text for word in words), f"{by} mentions none of {words}"


@pytest.mark.parametrize("claim", CLAIMS)
def test_what_could_be_checked_says_why_it_is_not(claim: str) -> None:
    """A claim that only a topic tells is advice, or says what keeps it from being checked."""
    entry = CLAIMS[claim]
    only_told = all(by.startswith("topic ") for by in entry["by"])
    assert not ("explained" in entry and not only_told), "the reason is for what is told alone"
    if INVENTORY.exists() and only_told and _inventory()[claim]["checkable"] != "advice-only":
        assert entry.get("explained"), "checkable, and only told"


def _inventory() -> dict[str, dict[str, str]]:
    with INVENTORY.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


@pytest.mark.skipif(not INVENTORY.exists(), reason="the inventory of the documents is not beside this checkout")
def test_the_list_is_that_of_the_inventory() -> None:
    assert sorted(CLAIMS) == sorted(_inventory())


@pytest.mark.parametrize("name", topics())
def test_every_topic_covers_something(name: str) -> None:
    assert any(f"topic {name}" in entry["by"] for entry in CLAIMS.values())


#: The documented order: rate and coefficients of the loss; batch and momentum; network, Adam, decay and dropout.
TIERS = (
    ("learning_rate", "loss_weights", "focal_gamma", "focal_alpha"),
    ("batch_size", "global_batch_size", "momentum"),
    ("num_layers", "hidden_size", "beta1", "beta2", "weight_decay", "dropout"),
)


def test_importance_follows_the_documented_order() -> None:
    ranks = [[vocabulary().parameters[name].importance for name in tier] for tier in TIERS]
    assert [set(rank) for rank in ranks[:2]] == [{1}, {2}]
    assert min(ranks[2]) > 2


def test_findings_of_one_severity_come_in_that_order() -> None:
    config = {"weight_decay": 0.9, "optimizer": "sgd", "batch_size": 7000, "learning_rate": 40.0, "dropout": 0.9}
    warned = [finding.parameters[0] for finding in advisor.check(config).findings if finding.severity == "warning"]
    assert warned[:2] == ["learning_rate", "batch_size"]
    assert sorted(warned[2:]) == ["dropout", "weight_decay"]


def test_numbers_of_a_claim_are_in_its_topic() -> None:
    """A sample of figures that a reader must find where the claim is told."""
    for topic, figures in {
        "search_methods": ("64%", "25", "3 x 3 = 9", "5 x 4 x 3 = 60"),
        "batch_size_choice": ("1024", "6000"),
        "batch_scaling": ("5e-4", "128", "1.41e-3"),
        "plateau_schedule": ("ten epochs", "1/1024"),
        "early_stopping_rule": ("10, 20, 30",),
        "adam_settings": ("0.9, 0.999 and 1e-8",),
        "regularisation": ("1e-4", "5e-4", "0.2 to 0.5"),
        "convolution_kernels": ("7x7, 5x5, 3x3, 1x1", "7x1"),
        "loss_coefficients": ("two orders of magnitude", "gamma 2 and alpha 0.25"),
        "fine_tuning_basics": ("one to two orders of magnitude",),
    }.items():
        shown = re.sub(r"\s+", " ", " ".join(text for _, text in explain(topic).body))
        assert [figure for figure in figures if figure not in shown] == []
