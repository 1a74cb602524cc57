"""Explanations: rules, parameters, topics and laws under the names that people look for."""

from __future__ import annotations

import pytest

import advisor
from advisor import laws, packs, rules, schema
from advisor.explain import explain, topics
from advisor.expressions import format_number
from advisor.parameters import vocabulary

TOPICS = topics()


@pytest.mark.parametrize(
    ("asked", "kind", "name"),
    [
        ("LR001", "rule", "LR001"),
        ("lr001", "rule", "LR001"),
        ("learning-rate-out-of-range", "rule", "LR001"),
        ("weight_decay", "parameter", "weight_decay"),
        ("weight-decay", "parameter", "weight_decay"),
        ("lr", "parameter", "learning_rate"),
        ("search_methods", "topic", "search_methods"),
        ("Grid search", "topic", "search_methods"),
        ("discriminative-learning-rates", "topic", "layer_rates"),
        ("square_root_scaling", "law", "square_root_scaling"),
        ("topics", "topic", "topics"),
        ("parameters", "parameter", "parameters"),
    ],
)
def test_what_a_name_explains(asked: str, kind: str, name: str) -> None:
    explained = advisor.explain(asked)
    assert (explained.kind, explained.name) == (kind, name)


@pytest.mark.parametrize(
    ("asked", "meant"), [("LR0001", "LR001"), ("weigth_decay", "weight_decay"), ("gridsearch", "grid_search")]
)
def test_a_misspelt_name_is_met_with_a_suggestion(asked: str, meant: str) -> None:
    with pytest.raises(advisor.CallError, match=f"did you mean '{meant}'"):
        advisor.explain(asked)


def test_an_unknown_name_is_told_where_to_look() -> None:
    with pytest.raises(advisor.CallError, match="explain topics"):
        advisor.explain("zzz zzz zzz")


def test_a_rule_shows_every_row_with_its_source() -> None:
    rule = rules.by_code()["LR001"]
    explained = explain("LR001")
    assert len(explained.rows) == len(rule.rows)
    assert all(row[-1] for row in explained.rows)
    sgd = next(row for row in explained.rows if row[0] == "SGD with momentum (textbook)")
    assert sgd[1:4] == (format_number(1e-3), "", format_number(1e-2))


@pytest.mark.parametrize("name", TOPICS)
def test_topic(name: str) -> None:
    topic = TOPICS[name]
    explained = explain(name)
    assert (explained.kind, explained.title) == ("topic", topic["title"])
    assert name not in vocabulary().parameters, "a parameter of this name would hide the topic"
    assert sorted(set(packs.source_keys(topic["source"])) - set(packs.bundle()["sources"])) == []
    named = {*rules.by_code(), *vocabulary().parameters, *TOPICS, *laws.__all__, "parameters"}
    assert sorted(set(topic.get("see", ())) - named) == []
    assert "Sources" in dict(explained.body)


def test_other_words_for_a_topic_lead_to_one_and_hide_nothing() -> None:
    words = [word for topic in TOPICS.values() for word in topic.get("also", ())]
    assert len(words) == len(set(words))
    assert sorted(set(words) & {*vocabulary().parameters, *TOPICS, *laws.__all__}) == []


def test_a_parameter_and_a_rule_point_to_what_to_read_on() -> None:
    assert "dropout_placement" in dict(explain("NRM004").body)["Topics"]
    assert "regularisation" in dict(explain("dropout").body)["Topics"]


def test_a_topic_with_an_unknown_key_is_refused() -> None:
    broken = {"topic": {"a": {"title": "A", "text": "B", "source": "x", "sections": []}}}
    with pytest.raises(packs.PackError, match=r"topics\.toml: topic\.a\.sections"):
        packs.validated(schema.TopicFile, "rules/topics.toml", broken)


def test_a_parameter_with_named_values_lists_what_can_be_written() -> None:
    assert dict(explain("regime").body)["Named values"].split(", ")[:4] == [
        "from_scratch",
        "pretrain",
        "rl",
        "finetune",
    ]
    assert "Named values" not in dict(explain("learning_rate").body)
