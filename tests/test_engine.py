"""From objects and paths to reports: what a call takes, what it refuses, and exactly what it finds."""

from __future__ import annotations

import argparse
import io
import json
import math
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import advisor
from advisor.engine import Options, check_paths, facts
from advisor.findings import CallError, Report
from advisor.settings import Settings
from advisor.show import read_paths

SOUND = {"optimizer": "adam", "lr": 1e-3, "epochs": 10, "batch_size": 32}


def rows(report: Report) -> list[tuple[Any, ...]]:
    """Code, severity, key, line and column of every finding."""
    places = [(f, f.place) for f in report.findings]
    return [(f.code, f.severity, p and p.key, p and p.line, p and p.column) for f, p in places]


@dataclass
class Arguments:
    optimizer: str = "adam"
    lr: float = 0.3


# ---- what is taken ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "config",
    [
        {"optimizer": "adam", "lr": 0.3},
        argparse.Namespace(optimizer="adam", lr=0.3),
        SimpleNamespace(optimizer="adam", lr=0.3),
        Arguments(),
    ],
    ids=["dict", "namespace", "simple", "dataclass"],
)
def test_objects_are_read_as_the_values_they_hold(config: object) -> None:
    report = advisor.check(config)
    assert rows(report) == [("LR001", "warning", "lr", None, None)]
    (file,) = report.files
    assert (file.path, file.status, file.dialect) == ("<config>", "checked", "generic")
    assert {name: read.value for name, read in file.parameters.items()} == {"optimizer": "adam", "learning_rate": 0.3}


@pytest.mark.parametrize("as_text", [True, False])
def test_a_path_is_read_with_places(tmp_path: Path, as_text: bool) -> None:
    path = tmp_path / "train.yaml"
    path.write_text("optimizer: adam\nlr: 0.3\n")
    report = advisor.check(str(path) if as_text else path)
    assert rows(report) == [("LR001", "warning", "lr", 2, 5)]
    assert report.findings[0].related[0].line == 1


@pytest.mark.parametrize("config", [5, None, object])
def test_what_is_no_config_fails_and_says_so(config: object) -> None:
    report = advisor.check(config)
    assert [file.status for file in report.files] == ["failed"]
    assert report.exit_status == 2
    with pytest.raises(advisor.AdviceError, match="cannot read a configuration"):
        report.raise_for_findings()


def test_an_empty_config_is_checked_and_sound() -> None:
    assert advisor.check({}).ok
    assert advisor.check([]).ok


# ---- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"facts": {"lerning_rate": 1}}, "did you mean 'learning_rate'"),
        ({"facts": {"dataset_size": math.nan}}, "dataset_size takes a number, not nan"),
        ({"facts": {"dataset_size": math.inf}}, "dataset_size takes a number, not inf"),
        ({"facts": {"dataset_size": "many"}}, "dataset_size takes a number, not 'many'"),
        ({"facts": {"dataset_size": True}}, "dataset_size takes a number, not true"),
        ({"facts": {"dataset_size": 10**5000}}, "dataset_size takes a number, not 1e5000"),
        ({"facts": {"world_size": [1, 2]}}, r"world_size takes a number, not \[1, 2\]"),
        ({"facts": {"fine_tuning": "maybe"}}, "fine_tuning takes true or false, not 'maybe'"),
        ({"facts": {"family": "resnett"}}, "no family is called 'resnett'; did you mean 'resnet'"),
        ({"facts": {"regime": "finetunne"}}, "no regime is called 'finetunne'; did you mean 'finetune'"),
        ({"facts": {"regime": "lora"}}, "no regime is called 'lora'; did you mean 'adapter=lora'"),
        ({"facts": {"regime": "zzyzx"}}, "no regime is called 'zzyzx'; `hpadvise explain regime` lists them"),
        ({"facts": {"adapter": "lorra"}}, "no adapter is called 'lorra'; did you mean 'lora'"),
        ({"dialect": "axolotle"}, "did you mean 'axolotl'"),
        ({"profile": "texbook"}, "profile is one of auto, textbook, not 'texbook'"),
        ({"fail_on": "warn"}, "fail_on is one of error, warning, note, never, not 'warn'"),
        ({"select": ["XYZ"]}, "no rule has a code or name that fits 'XYZ'"),
        ({"ignore": [""]}, "no rule has a code or name that fits ''"),
        ({"companions": ["/no/such/file.json"]}, "file.json"),
    ],
)
def test_a_call_that_cannot_be_carried_out_says_what_to_mend(options: dict[str, Any], words: str) -> None:
    with pytest.raises(CallError, match=words):
        advisor.check(SOUND, **options)


@pytest.mark.parametrize("name", ["domain", "task", "model"])
def test_free_text_that_is_not_understood_is_unknown_and_contradicts_nothing(name: str) -> None:
    assert rows(advisor.check({"optimizer": "adam", "lr": 0.3}, facts={name: "zzyzx"}))[0][:2] == ("LR001", "warning")


@pytest.mark.parametrize(
    ("spelling", "regime"),
    [
        ("finetune", "finetune"),
        ("fine_tuning", "finetune"),
        ("finetuning", "finetune"),
        ("Fine-Tuning", "finetune"),
        ("full fine-tuning", "full_finetune"),
        ("from scratch", "from_scratch"),
        ("pre-training", "pretrain"),
    ],
)
def test_a_regime_is_understood_in_any_spelling_as_a_fact_and_in_a_file(spelling: str, regime: str) -> None:
    config = {"optimizer": "sgd", "lr": 0.01}
    told = advisor.check(config, facts={"regime": spelling})
    read = advisor.check({**config, "regime": spelling})
    assert [report.files[0].context["regime"] for report in (told, read)] == [regime, regime]


def test_a_dialect_of_ones_own_that_is_its_own_ancestor_is_refused() -> None:
    settings = Settings(dialects={"ours": {"parent": "ours"}})
    with pytest.raises(CallError, match="unusable parent 'ours'"):
        check_paths([], Options(settings=settings))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"keys": {"a": "learning_rat"}}, "keys.a: no parameter or fact is called 'learning_rat'; did you mean"),
        ({"keys": {"a": [{"parameter": "lr2"}]}}, "keys.a: no parameter or fact is called 'lr2'"),
        ({"defaults": {"batchsize": 3}}, "defaults: no parameter or fact is called 'batchsize'; did you mean"),
        (
            {"keys": {"a": {"parameter": "learning_rate", "convert": "value +"}}},
            "keys.a.convert: invalid syntax (column ",
        ),
        ({"recognise": {"values": {"a": ["(x", 1.0]}}}, "recognise.values: the pattern is no regular expression"),
        ({"recognise": {"values": {"a": ["(x+)+", 1.0]}}}, "recognise.values: the pattern repeats a group that"),
    ],
)
def test_a_mistake_in_a_dialect_of_ones_own_is_told_with_its_place(table: dict[str, Any], message: str) -> None:
    with pytest.raises(CallError) as caught:
        check_paths([], Options(settings=Settings(dialects={"ours": table})))
    assert str(caught.value).startswith(f"dialect ours: {message}")


# ---- facts -----------------------------------------------------------------------------------------------------------


def test_facts_become_canonical_values() -> None:
    given = {
        "fine_tuning": "yes",
        "dataset_size": "1_000",
        "optimizer": "torch.optim.AdamW",
        "task": " sft ",
        "seed": None,
    }
    assert facts(given) == {"fine_tuning": True, "dataset_size": 1000, "optimizer": "adamw", "task": "sft"}


@pytest.mark.parametrize("left_open", ["auto", "${total}", None])
def test_what_a_file_leaves_open_can_be_told(left_open: str | None) -> None:
    config = {"warmup_steps": 2000, "max_steps": left_open}
    told = advisor.check(config, facts={"max_steps": 500}, select="SCH001")
    assert [(f.code, f.severity, f.parameters[0]) for f in told.findings] == [("SCH001", "error", "warmup_steps")]
    assert advisor.check(config, select="SCH001").findings == ()


def test_a_fact_never_outweighs_what_the_file_says() -> None:
    report = advisor.check({"warmup_steps": 100, "max_steps": 5000}, facts={"max_steps": 50}, select=["SCH001"])
    assert report.findings == ()


def test_several_values_stay_several_whatever_was_told() -> None:
    assert advisor.check({"optimizer": "adam", "lr": [1e-3, 2e-3]}, facts={"learning_rate": 0.3}).findings == ()


def test_a_fact_beyond_its_bounds_is_a_finding_without_a_place() -> None:
    report = advisor.check(SOUND, facts={"dropout": 3})
    assert [(f.code, f.severity, f.parameters, f.place, f.value) for f in report.findings] == [
        ("TYP004", "error", ("dropout",), None, 3)
    ]


# ---- choosing rules --------------------------------------------------------------------------------------------------


def test_one_text_is_one_selector() -> None:
    config = {"optimizer": "adam", "lr": 0.3, "dropout": 3}
    assert [f.code for f in advisor.check(config, select="LR").findings] == ["LR001"]
    assert [f.code for f in advisor.check(config, ignore="learning-rate-out-of-range").findings] == ["TYP004"]
    assert advisor.check(config, ignore="all").findings == ()


def test_fail_on_decides_what_is_ok() -> None:
    config = {"optimizer": "adam", "lr": 0.3}
    assert not advisor.check(config).ok
    assert advisor.check(config, fail_on="error").ok
    assert advisor.check({"dropout": 3}, fail_on="never").ok


@pytest.mark.parametrize("ignored", [("LR",), ("learning-rate-out-of-range",), ("all",)])
@pytest.mark.parametrize("pattern", ["old/*", "old/", "a.json", "/old/a.json", "**/a.*"])
def test_rules_are_left_out_file_by_file(tmp_path: Path, ignored: tuple[str, ...], pattern: str) -> None:
    (tmp_path / "old").mkdir()
    for name in ("old/a.json", "b.json"):
        (tmp_path / name).write_text('{"optimizer": "adam", "lr": 0.3}')
    settings = Settings(path=tmp_path / "hpadvise.toml", per_file_ignores={pattern: ignored})
    report = check_paths([str(tmp_path / "old/a.json"), str(tmp_path / "b.json")], Options(settings=settings, jobs=1))
    assert [[f.code for f in file.findings] for file in report.files] == [[], ["LR001"]]


# ---- several runs, documents and files -------------------------------------------------------------------------------


def test_a_zoo_has_a_report_a_run_and_each_its_own_findings(tmp_path: Path) -> None:
    path = tmp_path / "ppo.yml"
    path.write_text(
        "CartPole-v1:\n  n_envs: 8\n  n_timesteps: !!float 1e5\n  policy: 'MlpPolicy'\n  gamma: 0.99\n"
        "Pendulum-v1:\n  n_envs: 4\n  n_timesteps: !!float 1e5\n  policy: 'MlpPolicy'\n  gamma: 1.5\n  gamma: 1.4\n"
    )
    report = check_paths([str(path)], Options(jobs=1, dialect="rl_zoo", select=("TYP", "KEY")))
    assert [(file.run, file.status) for file in report.files] == [
        ("CartPole-v1", "checked"),
        ("Pendulum-v1", "checked"),
    ]
    assert rows(report) == [
        ("TYP004", "error", "Pendulum-v1.gamma", 11, 10),
        ("KEY001", "warning", "Pendulum-v1.gamma", 11, 3),
    ]
    assert [len(file.findings) for file in report.files] == [0, 2]


def test_the_documents_of_a_file_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "two.yaml"
    path.write_text("optimizer: adam\nlr: 0.001\n---\noptimizer: adam\nlr: 0.3\n")
    report = check_paths([str(path)], Options(jobs=1))
    assert [(file.run, [f.code for f in file.findings]) for file in report.files] == [
        ("document 1", []),
        ("document 2", ["LR001"]),
    ]
    assert rows(report) == [("LR001", "warning", "lr", 5, 5)]


def test_a_file_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"lr": ')
    (tmp_path / "b.json").write_text('{"optimizer": "adam", "lr": 0.3}')
    report = check_paths(
        [str(tmp_path / "a.json"), str(tmp_path / "b.json"), str(tmp_path / "c.json")], Options(jobs=1)
    )
    assert [file.status for file in report.files] == ["failed", "checked", "failed"]
    assert report.files[0].place is not None
    assert report.files[0].place.line == 1
    assert (report.exit_status, rows(report)) == (2, [("LR001", "warning", "lr", 1, 29)])


def test_a_searched_file_without_training_is_skipped_and_a_named_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "package.json"
    path.write_text('{"name": "thing", "version": "1.0"}')
    assert [file.status for file in check_paths([str(tmp_path)], Options(jobs=1)).files] == ["skipped"]
    assert [file.status for file in check_paths([str(path)], Options(jobs=1)).files] == ["checked"]
    unrelated = check_paths([str(path)], Options(jobs=1, skip_unrelated=True))
    assert [file.status for file in unrelated.files] == ["skipped"]


def test_processes_keep_the_order_of_the_files(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number:02}.json").write_text(
            json.dumps({"optimizer": "adam", "lr": 0.3 if number % 3 else 1e-3})
        )
    alone = check_paths([str(tmp_path)], Options(jobs=1))
    assert check_paths([str(tmp_path)], Options(jobs=3)) == alone
    assert [Path(file.path).stem for file in alone.files] == [f"{number:02}" for number in range(12)]


def test_standard_input_is_read_beside_files_whatever_the_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(SOUND))
    text = io.BytesIO(b"optimizer: adam\nlr: 0.3\n")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=text))
    report = check_paths(["-", str(path)], Options(jobs=2, stdin_filename="x.yaml"))
    assert [(file.path, file.status) for file in report.files] == [("x.yaml", "checked"), (str(path), "checked")]
    assert rows(report) == [("LR001", "warning", "lr", 2, 5)]


def test_a_library_call_starts_no_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(70):
        (tmp_path / f"{number}.json").write_text(json.dumps(SOUND))
    monkeypatch.setattr("advisor.engine._in_parallel", lambda *_: pytest.fail("a process was started"))
    assert len(advisor.check(tmp_path).files) == 70


# ---- companions ------------------------------------------------------------------------------------------------------


@pytest.fixture
def engine_file(tmp_path: Path) -> Path:
    path = tmp_path / "ds.json"
    path.write_text(
        '{\n "train_micro_batch_size_per_gpu": 8,\n "gradient_clipping": 1.0,\n'
        ' "zero_optimization": {"stage": 2},\n "monitor": "val_loss", "mode": "max",\n "x": [],\n "dropout": NaN\n}\n'
    )
    return path


def test_a_companion_fills_gaps_and_contradicts(engine_file: Path) -> None:
    config = {"per_device_train_batch_size": 4, "learning_rate": 2e-5, "output_dir": "x", "num_train_epochs": 3}
    report = advisor.check(config, companions=str(engine_file), dialect="transformers", select=["KEY"])
    assert [(f.code, f.parameters, f.place and (f.place.path, f.place.key, f.place.line)) for f in report.findings] == [
        ("KEY005", ("batch_size",), (str(engine_file), "train_micro_batch_size_per_gpu", 2))
    ]
    assert report.files[0].parameters["gradient_clip_norm"].line == 3


def test_findings_in_a_companion_stand_in_the_companion(engine_file: Path) -> None:
    config = {"base_model": "x/y", "micro_batch_size": 8, "sequence_len": 512, "datasets": []}
    report = advisor.check(config, companions=[engine_file], dialect="axolotl", select=["TYP", "KEY", "EVA"])
    places = {(f.code, f.place.path, f.place.line) for f in report.findings if f.place is not None}
    assert {path for _, path, _ in places} == {str(engine_file)}
    assert ("TYP003", str(engine_file), 7) in places


# ---- show ------------------------------------------------------------------------------------------------------------


def test_show_tells_values_quantities_and_what_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("batch_size: 8\ngradient_accumulation_steps: 4\nlr: auto\nworld_size: 2\n")
    (shown,) = read_paths([str(path)], Options())
    assert {value.name: (value.value, value.line) for value in shown.values} == {
        "batch_size": (8, 1),
        "gradient_accumulation_steps": (4, 2),
        "world_size": (2, 4),
    }
    assert [(d.value, d.arithmetic) for d in shown.derived if d.name == "global_batch_size"] == [(64, "8 x 4 x 2")]
    assert [(u.name, u.why) for u in shown.unknown] == [("learning_rate", "auto: chosen when training starts")]


# ---- which rules speak -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, []),
        ({"ignore": ("LR",)}, []),
        ({"select": ("REP002",)}, [("REP002", "note", "lr", None, None)]),
        ({"select": ("REP",)}, [("REP002", "note", "lr", None, None)]),
        ({"select": ("no-seed",)}, [("REP002", "note", "lr", None, None)]),
        ({"extend_select": ("REP002",)}, [("REP002", "note", "lr", None, None)]),
    ],
)
def test_a_rule_in_preview_speaks_only_where_it_is_named(
    tmp_path: Path, options: dict[str, Any], expected: list[tuple[Any, ...]]
) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(SOUND), encoding="utf-8")
    found = check_paths([str(path)], Options(places=False, **options))
    assert [row[:3] for row in rows(found)] == [row[:3] for row in expected]


def test_a_note_explains_no_alarm_away() -> None:
    """The linear rule speaks of a rate as a note; that it is far beyond every published one is told all the same."""
    config = {
        "model": {"name": "regnet_y_16gf", "pretrained": False},
        "data": {"dataset": "imagenet", "batch_size": 128},
        "optimizer": {"name": "sgd", "lr": 24.0, "momentum": 0.9},
        "epochs": 100,
        "world_size": 8,
    }
    found = {finding.code: finding.severity for finding in advisor.check(config).findings}
    assert (found["BAT223"], found["LR001"]) == ("note", "warning")
