"""Suggestions in a trainer's own words: what is written is read back as meant, and what is not written is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import advisor
from advisor import cli, expressions, packs
from advisor.dialects import Dialects, read
from advisor.document import parse_key
from advisor.findings import CallError
from advisor.parameters import vocabulary
from advisor.reading import read_bytes
from advisor.report.words import listing
from advisor.setup import build
from advisor.suggest import advise, read_setup
from advisor.writing import FORMS, _put, fill, names_for, render, rows

WRITERS = {name: data["write"] for name, data in packs.bundle()["dialects"].items() if data.get("write")}
BERT = {"optimizer": "adamw", "model": "bert-base", "fine_tuning": True, "dataset_size": 8000}
QLORA = {"task": "LLM SFT", "model": "meta-llama/Llama-3.1-8B", "adapter": "qlora"}
RESNET = {"model": "resnet50", "dataset_size": 50000}
RUNS = {"bert": BERT, "qlora": QLORA, "resnet": RESNET}


def rendered(facts: dict[str, Any], form: str) -> tuple[str, dict[str, str]]:
    setup = read_setup({}, facts)
    made = render(setup, advise(setup), form)
    return made.text, {one.parameter: one.why for one in made.unsaid}


# ------------------------------------------------------------------------------------------------ the knowledge itself


def test_every_parameter_that_is_written_exists() -> None:
    named = {(name, parameter) for name, table in WRITERS.items() for parameter in table}
    assert not {(name, parameter) for name, parameter in named if parameter not in vocabulary().parameters}


def test_every_spelling_is_of_a_named_value() -> None:
    wrong = {
        (name, parameter, value)
        for name, table in WRITERS.items()
        for parameter in table
        for row in rows(Dialects().named(name), parameter)
        for value in row.values or ()
        if value not in vocabulary().choices[parameter]
    }
    assert not wrong


def test_every_expression_names_what_exists() -> None:
    words = vocabulary()
    known = {"value", "family", *words.parameters, *words.derived}
    texts = [
        text
        for name, table in WRITERS.items()
        for parameter in table
        for row in rows(Dialects().named(name), parameter)
        for text in [row.convert, row.where, *(v["from"] for v in (row.also or {}).values() if isinstance(v, dict))]
        if text
    ]
    assert not {name for text in texts for name in expressions.compile(text).names} - known


PLAIN = [
    (name, parameter, row)
    for name in WRITERS
    if name != "scikit_learn"  # what `alpha` means is told by the estimator's other arguments
    for parameter in WRITERS[name]
    for row in rows(Dialects().named(name), parameter)
    if row.key and row.convert is None
]
#: A value that can be told from any default.
SAMPLE = {"number": 1e-3, "integer": 7, "boolean": True, "text": "some-model", "list": ["q_proj"]}


@pytest.mark.parametrize(("name", "parameter", "row"), PLAIN, ids=lambda item: item if isinstance(item, str) else "")
def test_what_is_written_is_read_back(name: str, parameter: str, row: Any) -> None:
    """Every key of a `[write]` table, with every spelling in it, means the parameter to the reader of that dialect."""
    kind = "integer" if parameter.endswith("_steps") else vocabulary().parameters[parameter].kind
    spelled = row.values or {None: SAMPLE.get(kind, "lora")}
    dialect = Dialects().named(name)
    for value in spelled.values():
        data: dict[str, Any] = {}
        for key, item in {row.key: value, **(row.also or {})}.items():
            _put(data, parse_key(key), item)
        document = read_bytes(json.dumps(data).encode(), "a.json")[0]
        found = build(read(document, dialect)[0], dialect, document, {}).main.get(parameter)
        assert found is not None
        meant = [word for word, spelling in spelled.items() if word and spelling == value] or [value]
        assert any(akin(parameter, found.value, word) for word in meant)


def akin(parameter: str, found: Any, meant: Any) -> bool:
    """Whether two values are the same, or one is a kind of the other."""
    words = vocabulary()
    texts = isinstance(found, str) and isinstance(meant, str)
    one_of_them = texts and (meant in words.ancestors(parameter, found) or found in words.ancestors(parameter, meant))
    return bool(found == meant) or one_of_them


# ------------------------------------------------------------------------------------------------------- a new config

SAID_IN_ANOTHER_WAY = {"warmup_ratio", "warmup_epochs", "lora_target_modules", "adapter", "precision"}


def test_the_command_line_names_every_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["suggest", "--help"]) == 0
    assert listing(FORMS) in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("form", FORMS)
def test_every_value_is_written_or_said_not_to_be(form: str, name: str) -> None:
    text, unsaid = rendered(RUNS[name], form)
    assert all(unsaid.values())
    if FORMS[form].format == "torch":
        compile(text, "settings.py", "exec")
        return
    document = read_bytes(text.encode(), f"a.{FORMS[form].format}")[0]
    dialect = Dialects().named(FORMS[form].dialect)
    found = build(read(document, dialect)[0], dialect, document, {}).main
    advice = advisor.suggest(RUNS[name])
    silent = set(advice.parameters) - set(found) - set(unsaid)
    if form != "sklearn":  # where the reader needs the estimator's other arguments
        assert silent <= SAID_IN_ANOTHER_WAY
    for parameter, reading in found.items():
        value = advice.parameters.get(parameter)
        if isinstance(value, int | float) and not isinstance(value, bool) and parameter not in silent:
            assert reading.value == pytest.approx(value)


WHOLE = (
    "transformers",
    "axolotl",
    "llamafactory",
    "torchtune",
    "lightning",
    "keras",
    "deepspeed",
    "json",
    "yaml",
    "toml",
)


@pytest.mark.parametrize("form", WHOLE)
@pytest.mark.parametrize("name", RUNS)
def test_check_is_content_with_what_is_written(form: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / f"train.{FORMS[form].format}"
    path.write_text(rendered(RUNS[name], form)[0])
    report = advisor.check(path, facts=RUNS[name], dialect=FORMS[form].dialect)
    assert not [finding.message for finding in report.findings if finding.severity != "note"]


def test_transformers() -> None:
    text, unsaid = rendered(BERT, "transformers")
    assert yaml.safe_load(text) == {
        "optim": "adamw_torch",
        "model_name_or_path": "bert-base",
        "learning_rate": 3e-5,
        "per_device_train_batch_size": 16,
        "num_train_epochs": 3,
        "lr_scheduler_type": "linear",
        "warmup_ratio": 0.06,
        "weight_decay": 0.01,
        "max_grad_norm": 1.0,
        "bf16": True,
    }
    assert unsaid == {"dropout": "the dropout of a pretrained model stands in the model's own config"}


def test_one_parameter_may_take_several_keys() -> None:
    data = yaml.safe_load(rendered(QLORA, "llamafactory")[0])
    assert data["finetuning_type"] == "lora"
    assert data["quantization_bit"] == 4
    assert data["lora_target"] == "all"
    assert data["stage"] == "sft"


PRETRAIN = {"regime": "pretrain", "domain": "llm", "num_parameters": 1.24e8, "n_tokens": 2.5e9}
DPO = {"task": "DPO", "model": "Qwen/Qwen2.5-7B", "adapter": "lora", "dataset_size": 20000}


def test_a_schedule_with_a_floor_is_the_one_that_takes_it() -> None:
    data = yaml.safe_load(rendered(PRETRAIN, "transformers")[0])
    assert data["lr_scheduler_type"] == "cosine_with_min_lr"
    assert data["lr_scheduler_kwargs"]["min_lr"] == pytest.approx(data["learning_rate"] / 10)
    assert yaml.safe_load(rendered(PRETRAIN, "axolotl")[0])["cosine_min_lr_ratio"] == 0.1
    params = json.loads(rendered(PRETRAIN, "deepspeed")[0])["scheduler"]["params"]
    assert params["cos_min_ratio"] == 0.1


def test_the_schedule_of_a_file_stays_and_takes_no_arguments_of_another(tmp_path: Path) -> None:
    text, unsaid = filled(
        tmp_path,
        "train.yaml",
        "per_device_train_batch_size: 8\nlr_scheduler_type: cosine\nnum_train_epochs: 1\n",
        **PRETRAIN,
    )
    assert "min_lr" not in text
    assert unsaid["min_learning_rate"] == "of the schedules only cosine_with_min_lr ends above zero"


def test_deepspeeds_schedule_is_told_the_rate_that_it_would_replace() -> None:
    data = json.loads(rendered(BERT, "deepspeed")[0])
    assert data["scheduler"]["type"] == "WarmupDecayLR"
    assert data["scheduler"]["params"]["warmup_max_lr"] == data["optimizer"]["params"]["lr"] == 3e-5


def test_a_constant_rate_keeps_its_warm_up() -> None:
    t5 = {"model": "t5-base", "optimizer": "adafactor", "fine_tuning": True, "dataset_size": 8000}
    for form, key in (("transformers", "lr_scheduler_type"), ("axolotl", "lr_scheduler")):
        data = yaml.safe_load(rendered(t5, form)[0])
        assert (data["warmup_ratio"], data[key]) == (0.1, "constant_with_warmup")


def test_a_file_that_says_constant_gets_no_warm_up_that_it_would_skip(tmp_path: Path) -> None:
    said = "the schedule `constant` skips the warm-up; constant_with_warmup does not"
    for key, batch in (("lr_scheduler_type", "per_device_train_batch_size"), ("lr_scheduler", "micro_batch_size")):
        model = "model_name_or_path" if key == "lr_scheduler_type" else "base_model"
        text, unsaid = filled(
            tmp_path, "train.yaml", f"{model}: roberta-base\n{batch}: 16\n{key}: constant\nadapter:\n", fine_tuning=True
        )
        assert "warmup" not in text
        assert unsaid["warmup_ratio"] == said


def test_ultralytics_is_told_in_its_own_words(tmp_path: Path) -> None:
    text, _ = filled(
        tmp_path,
        "yolo.yaml",
        "model: yolov8n.pt\nimgsz: 640 # px\nlr0: 0.01\nmosaic: 1.0\nhsv_h: 0.015\n",
        dataset_size=20000,
    )
    data = yaml.safe_load(text)
    assert (data["optimizer"], data["batch"], data["cos_lr"]) == ("SGD", 16, False)
    assert not {"batch_size", "lr_schedule", "learning_rate"} & set(data)


@pytest.mark.parametrize(
    ("facts", "form", "expected"),
    [
        (DPO, "trl", {"beta": 0.1, "use_peft": True}),
        (DPO, "axolotl", {"rl": "dpo", "rl_beta": 0.1}),
        ({**DPO, "task": "KTO"}, "axolotl", {"rl": "kto"}),
        ({**DPO, "task": "reward model"}, "axolotl", {"reward_model": True}),
        (DPO, "llamafactory", {"stage": "dpo", "finetuning_type": "lora", "pref_beta": 0.1}),
        ({**DPO, "task": "SimPO"}, "llamafactory", {"stage": "dpo", "pref_loss": "simpo"}),
        ({**DPO, "task": "ORPO"}, "llamafactory", {"stage": "dpo", "pref_loss": "orpo"}),
        ({**DPO, "task": "SimPO"}, "trl", {"loss_type": "simpo"}),
        (DPO, "torchtune", {"loss": {"beta": 0.1, "_component_": "torchtune.rlhf.loss.DPOLoss"}}),
        ({"task": "LLM SFT", "model": "meta-llama/Llama-3.2-1B"}, "llamafactory", {"finetuning_type": "full"}),
        ({**PRETRAIN, "model": "gpt2"}, "llamafactory", {"finetuning_type": "full", "stage": "pt"}),
    ],
)
def test_the_method_is_said_with_its_numbers(facts: dict[str, Any], form: str, expected: dict[str, Any]) -> None:
    data = yaml.safe_load(rendered(facts, form)[0])
    assert {key: data.get(key) for key in expected} == expected


@pytest.mark.parametrize("form", ["torchtune", "lightning", "keras"])
def test_what_counts_is_a_whole_number(form: str) -> None:
    setup = read_setup({}, {**DPO, "epochs": 1.0})
    data = yaml.safe_load(render(setup, advise(setup), form).text)
    epochs = data["trainer"]["max_epochs"] if form == "lightning" else data["epochs"]
    assert (epochs, type(epochs)) == (1, int)


ARGUMENTS = {
    ("lightning", "muon"): {"lr", "weight_decay"},
    ("lightning", "adamw"): {"lr", "weight_decay", "betas", "eps"},
    ("torchtune", "muon"): {"_component_", "lr", "weight_decay"},
}


@pytest.mark.parametrize(("form", "optimizer"), ARGUMENTS)
def test_an_optimizer_is_given_no_arguments_that_it_does_not_take(form: str, optimizer: str) -> None:
    told = {"momentum": 0.9, "nesterov": True} if optimizer == "adamw" else {}
    text, unsaid = rendered({**PRETRAIN, **told, "optimizer": optimizer}, form)
    found = yaml.safe_load(text)["optimizer"]
    found = found.get("init_args", found)
    assert set(found) - {"eps"} == ARGUMENTS[form, optimizer] - {"eps"}
    assert ("momentum" in unsaid) == bool(told)


def test_arguments_of_an_optimizer_that_cannot_be_named_are_not_left_without_it() -> None:
    text, unsaid = rendered({**BERT, "optimizer": "lion"}, "lightning")
    assert "optimizer" not in yaml.safe_load(text)
    assert unsaid["optimizer"] == "Lightning CLI has no word for lion"
    assert unsaid["learning_rate"] == "an argument of the optimizer, which has no name here"
    assert yaml.safe_load(rendered({**BERT, "optimizer": "came"}, "transformers")[0])["learning_rate"] > 0


def test_a_linear_model_that_is_held_by_c_gets_no_alpha() -> None:
    text, _ = rendered({"model": "LogisticRegression", "n_features": 20, "dataset_size": 2000}, "sklearn")
    assert json.loads(text) == {"C": 1.0}


def test_what_is_computed_is_computed_or_said() -> None:
    with_steps, _ = rendered({**QLORA, "dataset_size": 16000}, "torchtune")
    assert 0 < yaml.safe_load(with_steps)["lr_scheduler"]["num_warmup_steps"] < 1000
    _, unsaid = rendered(QLORA, "torchtune")
    assert "needs what is not known here" in unsaid["warmup_ratio"]


def test_a_module_for_a_loop_of_ones_own() -> None:
    text, unsaid = rendered(RESNET, "torch")
    assert "torch.optim.SGD(parameters, lr=0.2, momentum=0.9, nesterov=True, weight_decay=0.0005)" in text
    assert "warmup = round(WARMUP_EPOCHS / EPOCHS * total_steps)" in text
    assert "math.cos" in text
    assert not unsaid


def test_another_trainers_config_is_the_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "train.yaml"
    path.write_text("base_model: meta-llama/Llama-3.1-8B\nadapter: lora\nmicro_batch_size: 4\nsequence_len: 2048\n")
    assert cli.main(["suggest", str(path), "--as", "llamafactory"]) == 0
    data = yaml.safe_load(capsys.readouterr().out)
    assert data["per_device_train_batch_size"] == 4
    assert data["cutoff_len"] == 2048
    assert data["learning_rate"] == 2e-4


def test_names_for_a_search() -> None:
    setup = read_setup({}, BERT)
    names = names_for(setup, "transformers")
    assert names["batch_size"] == "per_device_train_batch_size"
    assert "optimizer" not in names
    assert names_for(setup) == {}
    with pytest.raises(CallError, match="unknown dialect"):
        names_for(setup, "nonsense")


@pytest.mark.parametrize(
    ("model", "parameter", "key"),
    [
        ("MLPClassifier", "learning_rate", "learning_rate_init"),
        ("HistGradientBoostingClassifier", "n_estimators", "max_iter"),
        ("GradientBoostingClassifier", "learning_rate", "learning_rate"),
        ("SVC", "regularization_c", "C"),
        ("XGBClassifier", "colsample", "colsample_bytree"),
        ("LGBMClassifier", "l2", "reg_lambda"),
        ("CatBoostClassifier", "max_depth", "depth"),
    ],
)
def test_a_learner_is_called_by_its_own_names(model: str, parameter: str, key: str) -> None:
    assert names_for(read_setup({}, {"model": model}), "learner")[parameter] == key


# ------------------------------------------------------------------------------------------------- the gaps of a config


def filled(tmp_path: Path, name: str, text: str, **facts: Any) -> tuple[str, dict[str, str]]:
    path = tmp_path / name
    path.write_text(text)
    setup = read_setup(str(path), facts)
    made = fill(path, setup, advise(setup))
    return made.data.decode(), {one.parameter: one.why for one in made.unsaid}


def test_gaps_are_filled_where_they_are_and_comments_stay(tmp_path: Path) -> None:
    text, unsaid = filled(
        tmp_path,
        "train.yaml",
        "# my run\nmodel_name_or_path: bert-base-uncased   # the model\nlearning_rate: 4.0e-5\n"
        "per_device_train_batch_size:   # how many?\nnum_train_epochs: 3\nwarmup_ratio: null # later\n",
        fine_tuning=True,
    )
    assert text == (
        "# my run\nmodel_name_or_path: bert-base-uncased   # the model\nlearning_rate: 4.0e-5\n"
        "per_device_train_batch_size: 32   # how many?\nnum_train_epochs: 3\nwarmup_ratio: 0.06 # later\n"
        "weight_decay: 0.01\nbf16: true\n"
    )  # the trainer's own decay is 0; its optimizer, schedule and clipping are those that are suggested
    assert set(unsaid) == {"dropout"}


def test_values_stand_with_their_like_where_no_trainer_is_known(tmp_path: Path) -> None:
    text, _ = filled(
        tmp_path,
        "train.toml",
        "[net]\nmodel = 'resnet50'\npretrained = false\n\n[optimizer]\nname = 'sgd' # plain\n\n"
        "[data]\ndataset_size = 50000\n",
    )
    data = read_bytes(text.encode(), "train.toml")[0].data
    assert data["optimizer"]["learning_rate"] == 0.2
    assert data["optimizer"]["weight_decay"] == 5e-4
    assert data["batch_size"] == 256
    assert "name = 'sgd' # plain\n" in text


def test_callbacks_that_are_there_stay(tmp_path: Path) -> None:
    text, _ = filled(
        tmp_path,
        "train.yaml",
        "seed_everything: 1\ntrainer:\n  max_epochs: 10\n  callbacks:\n    - class_path: mine.Callback\n"
        "optimizer:\n  class_path: torch.optim.AdamW\nmodel:\n  class_path: my.Model\n",
    )
    callbacks = yaml.safe_load(text)["trainer"]["callbacks"]
    assert callbacks[0] == {"class_path": "mine.Callback"}
    assert callbacks[1]["class_path"].endswith("EarlyStopping")


def test_what_the_trainer_decides_is_left_to_it(tmp_path: Path) -> None:
    text, unsaid = filled(
        tmp_path,
        "ds.json",
        '{"zero_optimization": {"stage": 2}, "optimizer": {"type": "AdamW", "params": {"lr": "auto"}}}\n',
    )
    assert json.loads(text)["optimizer"]["params"]["lr"] == "auto"
    assert "auto: the trainer decides" in unsaid["learning_rate"]


def test_written_in_place_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "train.json"
    path.write_text('{\n  "optimizer": "adamw",\n  "model": "bert-base",\n  "fine_tuning": true\n}\n')
    assert cli.main(["suggest", str(path), "--write", "--want", "learning_rate,epochs"]) == 0
    assert json.loads(path.read_text())["learning_rate"] == 3e-5
    out, err = capsys.readouterr()
    assert "learning_rate  3e-5" in out
    assert f"{path}: written: learning_rate = 3e-5\n" in err
    before = path.read_bytes()
    assert cli.main(["suggest", str(path), "--write", "--want", "learning_rate,epochs"]) == 0
    assert path.read_bytes() == before


REFUSED = {
    "--write and --as": (["--write", "--as", "yaml"], "a.yaml", "lr: 1\n", "--write fills the gaps"),
    "several documents": (["--write"], "a.yaml", "lr: 0.1\n---\nlr: 0.2\n", "several runs"),
    "a script": (["--write"], "a.py", "lr = 0.1\n", "are read, not written"),
    "a form that does not exist": (["--as", "excel"], "a.yaml", "lr: 1\n", "excel"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_call_that_cannot_be_carried_out(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options, name, text, said = REFUSED[case]
    path = tmp_path / name
    path.write_text(text)
    assert cli.main(["suggest", str(path), *options]) == 2
    assert said in capsys.readouterr().err
    assert path.read_text() == text


def test_a_forest_is_written_with_the_arguments_of_scikit_learn() -> None:
    text, unsaid = rendered({"model": "RandomForestClassifier", "dataset_size": 800, "n_features": 20}, "sklearn")
    made = {"n_estimators": 300, "max_depth": 20, "min_samples_leaf": 1, "max_features": "sqrt"}
    assert json.loads(text) == made
    assert unsaid == {}
