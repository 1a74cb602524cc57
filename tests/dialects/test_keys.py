"""Keys that a trainer does not know, or no longer knows: found, with the right suggestion, and none falsely."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor import spelling
from advisor.builtin import Case, renamed_key, unknown_key
from advisor.dialects import Dialect, Dialects, read
from advisor.reading import ReadingError, read_bytes, read_file
from advisor.setup import Scope, Setup, build

SHARED = Path(__file__).resolve().parents[3] / "shared"
DIALECTS = Dialects()
WITH_KEYS = [dialect for dialect in DIALECTS if dialect.known_sections]


def setup_of(text: str, name: str, dialect: str | None = None) -> Setup:
    document = read_bytes(text.encode(), name)[0]
    found = DIALECTS.named(dialect) if dialect else DIALECTS.recognise(document)
    return build(read(document, found)[0], found, document, {})


def said(setup: Setup) -> list[str]:
    return [hit.message for hit in unknown_key(Case(setup, Scope(setup), {}))]


def test_trainers_whose_keys_are_on_record() -> None:
    names = {dialect.name for dialect in WITH_KEYS}
    assert names >= {
        "transformers",
        "trl",
        "axolotl",
        "llama_factory",
        "deepspeed",
        "kohya",
        "yolo",
        "xgboost",
        "lightgbm",
    }
    assert names >= {"megatron", "timm", "lightning", "catboost", "stable_baselines3", "nanogpt", "accelerate", "peft"}


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("learning_rte", "learning_rate"),
        ("weight_decy", "weight_decay"),
        ("warmup_step", "warmup_steps"),
        ("lerning_rate", "learning_rate"),
        ("per_device_train_batchsize", "per_device_train_batch_size"),
        ("gradient_acumulation_step", "gradient_accumulation_steps"),
        ("num_train_epoch", "num_train_epochs"),
    ],
)
def test_a_slip_and_what_was_meant(slip: str, meant: str) -> None:
    known = next(dialect for dialect in WITH_KEYS if dialect.name == "transformers").known_sections[""]
    assert spelling.meant(slip, known) == meant


@pytest.mark.parametrize(
    ("key", "other"), [("adam_beta3", "adam_beta2"), ("seed2", "seed1"), ("lr", "lr0"), ("tp", "pp")]
)
def test_another_number_and_short_words_are_no_slips(key: str, other: str) -> None:
    assert spelling.meant(key, [other]) is None


def slips(key: str) -> Iterator[str]:
    """The key with one letter dropped, or two neighbours swapped."""
    for i in range(len(key)):
        yield key[:i] + key[i + 1 :]
        yield key[:i] + key[i + 1 : i + 2] + key[i] + key[i + 2 :]


@pytest.mark.parametrize("dialect", WITH_KEYS, ids=lambda dialect: dialect.name)
def test_a_letter_dropped_or_swapped_is_found_in_every_known_key(dialect: Dialect) -> None:
    chance = random.Random(dialect.name)
    for known in dialect.known_sections.values():
        keys = sorted(key for key in known if len(key) >= spelling.SHORTEST)
        for key in chance.sample(keys, min(60, len(keys))):
            for slip in slips(key):
                if slip == key or slip in known:
                    continue
                found = spelling.meant(slip, known)
                assert found is not None, f"{slip} for {key}"
                as_near = spelling.distance(slip, found, 2) <= spelling.distance(slip, key, 2)
                assert found == key or as_near, f"{slip} for {key}: {found}"


def test_a_slip_is_told_at_its_place_with_its_mending() -> None:
    setup = setup_of(
        "base_model: x\nmicro_batch_size: 2\nsequence_len: 512\ndatasets: []\nlearning_rte: 2e-5\n", "a.yml"
    )
    (hit,) = unknown_key(Case(setup, Scope(setup), {}))
    assert hit.message == "axolotl does not know the key `learning_rte`; did you mean `learning_rate`?"
    assert hit.place is not None and (hit.place.line, hit.place.column) == (5, 1)
    assert hit.parameters == ("learning_rate",) and hit.fix is not None and hit.fix.edits[0].value == "learning_rate"


def test_slips_in_a_section() -> None:
    text = (
        "seed_everything: 0\ntrainer: {max_epoch: 5, devices: 1}\nmodel: {class_path: m.M, init_args: {max_epoch: 3}}\n"
    )
    assert said(setup_of(text, "config.yaml")) == [
        "Lightning CLI does not know the key `max_epoch`; did you mean `max_epochs`?"
    ]


def test_a_key_beside_the_one_it_resembles_is_meant() -> None:
    text = "lr0: 0.01\nlrf: 0.01\nhsv_h: 0.01\nmosaic: 1.0\nepochs: 3\nepoch: 4\n"
    assert said(setup_of(text, "hyp.yaml")) == []


def test_a_word_of_the_field_for_something_else_is_no_slip() -> None:
    text = "model_name_or_path: x\nper_device_train_batch_size: 1\nnum_train_epochs: 1\ncp_size: 2\n"
    assert said(setup_of(text, "run.yaml")) == []


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published configs are not here")
def test_no_published_config_is_said_to_misspell_what_it_does_not() -> None:
    found = []
    for path in sorted((SHARED / "corpus" / "dev").rglob("*")):
        try:
            documents = read_file(path) if path.is_file() else []
        except ReadingError:
            continue
        for document in documents:
            dialect = DIALECTS.recognise(document)
            for run in read(document, dialect) if dialect.known_sections else ():
                found += said(build(run, dialect, document, {}))
    assert set(found) <= {
        "axolotl does not know the key `context_parapllel_size`; did you mean `context_parallel_size`?"
    }


# ------------------------------------------------------------------------------------------ renamed, removed


def told(setup: Setup, *target: str) -> list[str]:
    return [hit.message for hit in renamed_key(Case(setup, Scope(setup), dict(pair.split("==") for pair in target)))]


TRANSFORMERS = (
    "model_name_or_path: x\nper_device_train_batch_size: 1\nnum_train_epochs: 1\nevaluation_strategy: steps\n"
)


def test_a_renamed_key_is_told_for_the_version_that_no_longer_has_it() -> None:
    setup = setup_of(TRANSFORMERS, "run.yaml")
    expected = "`evaluation_strategy` is now called `eval_strategy` in transformers 5.15 (gone by 4.51.3)"
    assert told(setup, "transformers==5.15") == [expected]
    assert told(setup, "transformers==4.40") == told(setup, "peft==1.0") == told(setup) == []


def test_a_removed_key_that_holds_a_mapping_is_told_once() -> None:
    text = "base_model: x\nmicro_batch_size: 2\nsequence_len: 512\ndatasets: []\nrope_scaling: {type: linear}\n"
    expected = (
        "`rope_scaling` is no longer known in axolotl 0.20 (gone by 0.19.0): put it under overrides_of_model_config"
    )
    assert told(setup_of(text, "a.yml"), "axolotl==0.20") == [expected]


def test_removed_keys_of_a_section() -> None:
    text = "seed_everything: 0\ntrainer: {gpus: 2}\nmodel: {class_path: m.M, init_args: {}}\n"
    (message,) = told(setup_of(text, "config.yaml"), "lightning==2.4")
    assert message.startswith("`gpus` is no longer known in lightning 2.4")


@pytest.mark.parametrize("dialect", [d for d in DIALECTS if d.renamed], ids=lambda dialect: dialect.name)
def test_a_renamed_key_becomes_one_that_the_trainer_knows(dialect: Dialect) -> None:
    for key, row in dialect.renamed.items():
        new = row if isinstance(row, str) else row.get("to")
        section = key.rpartition(".")[0]
        assert new is None or new in dialect.known_sections[section], (key, new)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded versions are not here")
def test_the_versions_of_transformers_are_those_on_record() -> None:
    record = json.loads((SHARED / "knowledge" / "hf_training_arguments_fields.json").read_text())
    gone = {
        name: row["gone_by"] for name, row in record["version_history"].items() if "gone_by" in row and name[0] != "_"
    }
    assert {name: row["removed"] for name, row in DIALECTS.named("transformers").renamed.items()} == gone
    now = {field["name"] for field in record["fields"]}
    assert now | set(gone) <= DIALECTS.named("transformers").known_sections[""]
