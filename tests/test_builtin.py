"""Rules that look at every key, over texts as users write them: exact code, severity, key, line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

import advisor

Row = tuple[str, str, str | None, int | None, int | None]


def found(tmp_path: Path, name: str, text: str, **options: object) -> list[Row]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    report = advisor.check(str(path), **options)  # type: ignore[arg-type]
    places = [(f, f.place) for f in report.findings]
    return [(f.code, f.severity, p and p.key, p and p.line, p and p.column) for f, p in places]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "a.json",
            '{"dropout": 20, "batch_size": 0}',
            [("TYP004", "error", "batch_size", 1, 31), ("TYP004", "error", "dropout", 1, 13)],
        ),
        ("a.json", '{"lr": 1e-3, "lr": 1e-2}', [("KEY001", "warning", "lr", 1, 14)]),
        ("a.json", '{"learning_rate": NaN}', [("TYP003", "error", "learning_rate", 1, 19)]),
        ("a.json", '{"seed": 1, "x": NaN, "lr": 1e-3}', [("TYP007", "note", "x", 1, 18)]),
        ("a.yaml", "optimizer: adam\nlr: 1e-3\n", [("TYP001", "note", "lr", 2, 5)]),
        ("a.yaml", "optimizer: adam\nlr: 1.0e-3\n", []),
        ("a.yaml", "learning_rate: 2e-5x\n", [("TYP002", "error", "learning_rate", 1, 16)]),
        ("a.yaml", "batch_size: 32.5\n", [("TYP005", "error", "batch_size", 1, 13)]),
        ("a.yaml", "hidden_size: 362.5\n", [("TYP005", "error", "hidden_size", 1, 14)]),
        (
            "a.json",
            '{"shuffle": "False", "gradient_checkpointing": "False", "lr": 0.001}',
            [("TYP006", "note", "gradient_checkpointing", 1, 48), ("TYP006", "note", "shuffle", 1, 13)],
        ),
        (
            "a.yaml",
            "optimizer: {name: adawm, lr: 0.001}\nscheduler: {name: cosnie}\nnesterov: ture\nepochs: 9\n",
            [
                ("TYP008", "warning", "nesterov", 3, 11),
                ("TYP008", "warning", "optimizer.name", 1, 19),
                ("TYP008", "warning", "scheduler.name", 2, 19),
            ],
        ),
        ("a.yaml", "optimizer: {name: adamp, lr: 0.001}\nscheduler: {name: cosines}\n", []),
        (
            "a.yaml",
            "model: {name: mlp}\ntrain:\n  learning_rte: 0.001\n  gradient_accumulaton_steps: 4\n  batch: 8\n",
            [
                ("KEY002", "warning", "train.gradient_accumulaton_steps", 4, 3),
                ("KEY002", "warning", "train.learning_rte", 3, 3),
            ],
        ),
        # a word taken apart, a numbered word
        ("a.yaml", "snap_shot: 1\nlambda_2: 0.1\nlearning_rate: 0.1\n", []),
        # a plural, another ending, the word of something that the file has, a short word
        (
            "a.yaml",
            "learning_rates: 1\ngenerated_batch_sizes: 2\nlearning_rate: 0.1\nlearing_rate: 0.1\nepohs: 3\n",
            [],
        ),
        ("a.yaml", "lr: 0.001\nself: &s\n  again: *s\n", [("TYP007", "warning", "self.again", 3, 10)]),
    ],
)
def test_exact_findings(tmp_path: Path, name: str, text: str, expected: list[Row]) -> None:
    rows = found(tmp_path, name, text)
    assert sorted(row for row in rows if row[0][:3] in ("TYP", "KEY")) == sorted(expected)


def test_a_misspelt_key_is_named_with_its_place(tmp_path: Path) -> None:
    text = "base_model: x/y-7b\nmicro_batch_size: 2\nsequence_len: 512\ndatasets: []\nlearning_rte: 0.0002\n"
    assert ("KEY002", "warning", "learning_rte", 5, 1) in found(tmp_path, "a.yaml", text)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("optimizer: adam_torhc\n", "adam_torch"),
        ("lr_schedule: cosine_with_restrats\n", "cosine_with_restarts"),
        ("base_model: x/y-7b\nmicro_batch_size: 2\nsequence_len: 512\noptimizer: adamw_trch\n", "adamw_torch"),
        ("optimizer: {name: tf.train.AdgradOptimizer}\n", None),
        ("precision: torch.bflot16\n", None),
        ("precision: bflot16\n", "bfloat16"),
        ("optimizer: sgdnestrov\n", "sgd_nesterov"),
    ],
)
def test_a_misspelt_value_is_shown_as_trainers_write_it(tmp_path: Path, config: str, expected: str | None) -> None:
    (tmp_path / "a.yaml").write_text(config + "lr: 0.001\n", encoding="utf-8")
    told = [
        (f.message.split("`")[1], f.advice) for f in advisor.check(tmp_path / "a.yaml").findings if f.code == "TYP008"
    ]
    assert told == ([(expected, f"write `{expected}`")] if expected else [])


def test_a_slip_is_told_without_blaming_a_trainer_that_does_not_list_its_keys(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("train: {learning_rte: 0.001, batch: 8}\n", encoding="utf-8")
    (finding,) = advisor.check(tmp_path / "a.yaml").findings
    assert finding.message == "`learning_rte` is one letter off; did you mean `learning_rate`?"
    text = "base_model: x/y-7b\nmicro_batch_size: 2\nsequence_len: 512\ndatasets: []\nlearning_rte: 0.0002\n"
    (tmp_path / "b.yaml").write_text(text, encoding="utf-8")
    (finding,) = (f for f in advisor.check(tmp_path / "b.yaml").findings if f.code == "KEY002")
    assert finding.message == "axolotl does not know the key `learning_rte`; did you mean `learning_rate`?"


def test_false_in_quotes_is_data_where_texts_stand(tmp_path: Path) -> None:
    text = (
        '{"lr": 0.001, "class_names": {"0": "False", "1": "True"}, "tags": {"debug": "False"}, "answer": "False",'
        ' "id2label": {"a": "False"}, "env_vars": {"TOKENIZERS_PARALLELISM": "False"}, "heads": [{"label": "False"}],'
        ' "data": {"shuffle": "False"}}'
    )
    rows = [row for row in found(tmp_path, "a.json", text) if row[0] == "TYP006"]
    assert rows == [("TYP006", "note", "data.shuffle", 1, text.index('"False"}}') + 1)]


def test_a_percentage_is_explained() -> None:
    (finding,) = advisor.check({"dropout": 20}).findings
    assert finding.message == "dropout is 20, but must be at least 0 and below 1"
    assert finding.advice == "a share is expected: 20 percent is 0.2"


def test_dropout_straight_before_batch_norm() -> None:
    layers = [{"class_name": name} for name in ("Conv2D", "Dropout", "BatchNormalization", "Dense")]
    findings = advisor.check({"layers": layers}).findings
    assert [(f.code, f.severity) for f in findings] == [("NRM004", "warning")]
    layers.append(layers.pop(1))
    assert advisor.check({"layers": layers}).findings == ()


def test_a_width_that_a_program_tells_may_be_a_mean() -> None:
    assert not advisor.check({"hidden_size": 362.5}).findings
    assert [f.code for f in advisor.check({"num_layers": 2.5}).findings] == ["TYP005"]
