"""Whatever a config holds, a check answers: it neither raises nor runs away."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import advisor
from advisor import packs
from advisor.document import KeyPath
from advisor.parameters import vocabulary
from advisor.reading import read_bytes

WORDS = sorted({word for aliases in vocabulary().spellings() for alias in aliases for word in alias.words})
MARKS = [
    "_target_",
    "type",
    "class_name",
    "__tag__",
    "min",
    "max",
    "values",
    "distribution",
    "layers",
    "monitor",
    "mode",
]
ODD_KEYS = ["", "-", ".", "a.b", "a/b", "\ud800", "\0", "LR", " lr ", "learning-rate", "${x}", "[0]", "{lr}", "k" * 300]
ODD_TEXTS = ["auto", "none", "1e-4", "1e999", "9" * 400, "${x}", "!ref", "1,2", "(1e-4, nan)", "10%", "lin_1e-4",
             "a=1 b=2,3", "(" * 50, "\\" * 50, "resnet50", "x/llama-7B", "adamw", "\ud800", "--", " " * 99]  # fmt: skip
ODD_NUMBERS = [0, -1, 1, 2**63, 10**400, -(10**400), 5e-324, -0.0, 1e308, math.nan, math.inf, -math.inf]

keys = st.one_of(
    st.sampled_from(sorted(vocabulary().parameters)),
    st.sampled_from(WORDS),
    st.sampled_from(MARKS + ODD_KEYS),
    st.text(max_size=8),
    st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)).map(".".join),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(ODD_NUMBERS),
    st.sampled_from(ODD_TEXTS),
    st.text(max_size=12),
    st.builds(object),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=6), st.tuples(inner, inner)
    ),
    max_leaves=12,
)
dialects = st.sampled_from([None, *sorted(packs.bundle()["dialects"])])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    config=st.dictionaries(keys, values, min_size=1, max_size=12),
    dialect=dialects,
    profile=st.sampled_from(["auto", "textbook"]),
)
def test_a_check_answers_whatever_a_config_holds(config: dict[str, Any], dialect: str | None, profile: str) -> None:
    report = advisor.check(config, dialect=dialect, profile=profile)
    for finding in report.findings:
        assert finding.message
        assert finding.severity in ("error", "warning", "note")


@pytest.mark.parametrize(
    "config",
    [
        {"learning_rate": 5e-324, "optimizer": "sgd", "model": "lstm"},
        {"learning_rate": 1.7e308, "fine_tuning": True},
        {"learning_rate": {"min": 10**400, "max": 1}},
        {"learning_rate": {"min": math.nan, "max": math.inf, "distribution": "log_uniform"}},
        {"learning_rate": 10**5000, "optimizer": 10**5000, "layers": [10**5000], "seed": 10**5000},
        {"learning_rate": {"min": 10**5000, "max": 1, "type": 10**5000}, "task": 10**5000},
        {"optimizer": ["adam", "sgd"], "nesterov": ["yes"], "precision": [["bf16"]]},
    ],
    ids=range(7),
)
def test_numbers_at_the_ends_of_what_a_float_holds(config: dict[str, Any]) -> None:
    for profile in ("auto", "textbook"):
        advisor.check(config, profile=profile)


@pytest.mark.parametrize(
    "config",
    [
        {f"k{i}": {"lr": i, "type": "adam"} for i in range(8000)},
        {"optimizer": {f"adam{i}": {"lr": 1} for i in range(8000)}},
        {"params": {f"a{i}.value": 1 for i in range(8000)}},
        {"params": {"-" * i + "min": 1 for i in range(3000)}},
        {"lr": ["0.1"] * 100_000},
        {"model": "llama " * 50_000, "task": "a" * 500_000, "a." * 20_000: 1},
    ],
    ids=["groups", "registry", "flat-space", "spellings-of-a-space", "long-list", "long-texts"],
)
def test_time_grows_with_the_size_of_a_config_and_not_with_its_square(config: dict[str, Any]) -> None:
    begin = time.process_time()
    advisor.check(config)
    assert time.process_time() - begin < 10


@pytest.mark.parametrize(
    ("name", "text", "key"),
    [
        ("train", "/**/" * 200 + '{"x": 1}', ("x",)),
        ("train", "\n" * 100_000 + "x: 1", ("x",)),
        ("train.cfg", "[a]\nlr" + " " * 100_000 + "= 1", ("a", "lr")),
        ("train.cfg", "[a]\n" + "lr  " * 25_000 + "= 1", ("a", ("lr  " * 25_000).strip())),
    ],
    ids=["comments-of-c", "blank-lines", "blanks-before-the-mark", "words-before-the-mark"],
)
def test_no_text_takes_long_to_be_read(name: str, text: str, key: KeyPath) -> None:
    begin = time.process_time()
    (document,) = read_bytes(text.encode(), name)
    assert time.process_time() - begin < 5
    assert document.get(key) == 1


@pytest.mark.parametrize("text", ["a=b" + "," * 1000 + "==", "a=" + "b,c" * 600 + "="])
def test_a_text_of_commas_is_no_list_of_options(text: str) -> None:
    begin = time.process_time()
    assert advisor.check({"optimizer_args": text}).findings == ()
    assert time.process_time() - begin < 5
