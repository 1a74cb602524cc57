"""Search spaces: around the recommendation, in its context, no larger than the budget, and in every engine's form."""

from __future__ import annotations

import itertools
import json
from functools import lru_cache
from typing import Any

import pytest
import yaml

import advisor
from advisor import cli, expressions, packs
from advisor.findings import CallError
from advisor.parameters import vocabulary
from advisor.report import Look
from advisor.report.spaces import FORMATS, renderer
from advisor.space import Dimension, Space, active, grid_size, search_space

KNOWLEDGE: dict[str, Any] = packs.bundle()["other"]["space"]
ASIDES: list[dict[str, Any]] = [row for rows in KNOWLEDGE["aside"].values() for row in rows]
NEEDS: dict[str, str] = packs.bundle()["other"]["needs"]["needs"]

BERT = {"optimizer": "adamw", "model": "bert-base", "fine_tuning": True, "dataset_size": 8000}
RESNET = {"model": "resnet50", "dataset_size": 50000}
LORA = {"task": "LLM SFT", "model": "meta-llama/Llama-3.1-8B", "adapter": "lora"}
TREES = {"model": "xgboost"}
PPO = {"algorithm": "ppo"}
SVM = {"model": "SVC", "n_features": 20}
RUNS = {"bert": BERT, "resnet": RESNET, "lora": LORA, "trees": TREES, "ppo": PPO, "svm": SVM}


def dimension(space: Space, name: str) -> Dimension:
    return next(one for one in space.dimensions if one.name == name)


def names(space: Space) -> list[str]:
    return [one.name for one in space.dimensions]


# ------------------------------------------------------------------------------------------------- the knowledge itself


def test_every_parameter_that_is_named_exists() -> None:
    named = {*KNOWLEDGE["aside"], *KNOWLEDGE["library"]["without"], *NEEDS, *KNOWLEDGE["dimension"]}
    named |= {name for row in KNOWLEDGE["importance"] for name in row["rank"]}
    assert not named - set(vocabulary().parameters)


def test_every_source_exists() -> None:
    rows = [*KNOWLEDGE["search"], *KNOWLEDGE["importance"], *ASIDES, KNOWLEDGE["plan"]]
    assert not {key for row in rows for key in row["source"]} - set(packs.bundle()["sources"])


def test_every_expression_compiles_and_the_last_search_takes_everything() -> None:
    rows = [*KNOWLEDGE["search"], *KNOWLEDGE["importance"]]
    computed = [row[key] for row in ASIDES for key in ("value", "where") if key in row]
    for text in [*NEEDS.values(), *computed, *(row["where"] for row in rows)]:
        expressions.compile(text)
    assert set(KNOWLEDGE["whole"]["units"]) <= {parameter.unit for parameter in vocabulary().parameters.values()}
    assert KNOWLEDGE["search"][-1]["where"] == "True"


# --------------------------------------------------------------------------------------------------- where it searches


def test_a_share_is_searched_near_the_recommendation_and_an_amount_up_to_twice_it() -> None:
    space = search_space({**RESNET, "optimizer": "sgd"}, budget=30)
    warmup = dimension(space, "warmup_epochs")
    assert (warmup.low, warmup.start, warmup.high) == (0, 5, 10)
    share = dimension(search_space({"task": "tabular", "dataset_size": 5000}, want=["dropout"], budget=30), "dropout")
    assert share.high - share.start == pytest.approx(KNOWLEDGE["around"]["linear"])


PRETRAIN = {"regime": "pretrain", "domain": "llm", "num_parameters": 1.24e8, "n_tokens": 2.5e9}


def test_what_is_counted_is_searched_in_whole_numbers() -> None:
    warmup = dimension(search_space(PRETRAIN), "warmup_steps")
    assert (warmup.kind, warmup.low, warmup.high, warmup.log) == ("integer", 20, 1910, True)
    assert dimension(search_space(RESNET), "warmup_epochs").kind == "integer"


def test_of_a_share_near_one_the_distance_to_one_is_searched() -> None:
    space = search_space({**PPO, "environment": "HalfCheetah-v4"})
    assert dimension(space, "discount").choices == (0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)
    assert dimension(space, "n_steps").choices == (512, 1024, 2048)
    average = dimension(search_space({"domain": "diffusion", "dataset_size": 50000}), "ema_decay")
    assert average.start == 0.9999
    assert (average.choices[0], average.choices[-1]) == (0.999, 0.99999)
    below = dimension(search_space({"domain": "gan", "dataset_size": 50000}), "beta1")
    assert (below.kind, below.low, below.high) == ("float", 0.25, 0.5)


def test_what_has_no_effect_in_the_recommended_setup_is_neither_tuned_nor_fixed() -> None:
    vision = search_space({"model": "vit-base", "fine_tuning": True, "dataset_size": 50000})
    assert vision.fixed["optimizer"] == "adamw"
    assert "momentum" not in {*names(vision), *vision.fixed}
    whole = search_space({"model": "Qwen/Qwen2.5-1.5B", "task": "GRPO"})
    assert not [name for name in (*names(whole), *whole.fixed) if name.startswith("lora")]
    assert "lora_rank" in names(search_space({"model": "Qwen/Qwen2.5-1.5B", "task": "GRPO", "adapter": "lora"}))
    named = search_space({"model": "vit-base", "fine_tuning": True}, within={"learning_rate": (1e-5, 1e-4)})
    assert "momentum" not in {*names(named), *named.fixed}


def test_what_is_said_twice_is_not_tuned_against_itself() -> None:
    space = search_space(PRETRAIN)
    assert {"batch_tokens", "min_learning_rate"} <= set(space.fixed)
    assert not {"batch_tokens", "min_learning_rate"} & set(names(space))


def test_trees_suffice_for_the_lowest_rate_that_is_searched() -> None:
    space = search_space(TREES)
    rate = dimension(space, "learning_rate")
    assert rate.low is not None
    assert space.fixed["n_estimators"] == round(space.advice.parameters["n_estimators"] * rate.start / rate.low)
    assert {aside.name: aside.value for aside in space.aside}["n_estimators"] == space.fixed["n_estimators"]
    learner = {"learning_rate": "learning_rate", "n_estimators": "n_estimators"}
    unstopped = search_space(TREES, names=learner, only_named=True)
    assert unstopped.fixed == {"n_estimators": unstopped.advice.parameters["n_estimators"]}
    fixed_rate = search_space(TREES, want=["max_depth"])
    assert fixed_rate.fixed["n_estimators"] == fixed_rate.advice.parameters["n_estimators"]


def why(space: Space, name: str) -> str:
    return next(aside.why for aside in space.aside if aside.name == name)


def test_why_a_number_of_trees_is_not_tuned_depends_on_the_trees() -> None:
    stopped = "early stopping finds it, of as many as the lowest rate may need"
    assert why(search_space(TREES), "n_estimators") == stopped
    assert why(search_space({"model": "random_forest"}), "n_estimators").startswith("more trees are never worse")
    learner = {"learning_rate": "learning_rate", "n_estimators": "n_estimators"}
    learner["early_stopping_patience"] = "early_stopping_rounds"
    unstopped = search_space({**TREES, "early_stopping_rounds": 20}, names=learner, only_named=True)
    assert why(unstopped, "n_estimators").startswith("the more trees, the lower the rate")
    assert "early_stopping_rounds" not in unstopped.fixed
    given = search_space({**TREES, "early_stopping_rounds": 20})
    assert why(given, "n_estimators") == stopped
    assert given.fixed["n_estimators"] == 10 * given.advice.parameters["n_estimators"]


def test_a_pass_over_experience_is_no_epoch_over_data() -> None:
    assert why(search_space(PPO), "epochs").startswith("how often each batch of experience is used")
    assert why(search_space(RESNET), "epochs").startswith("the same for all trials")


@pytest.mark.parametrize(
    ("facts", "order", "source"),
    [
        (SVM, ["kernel_gamma", "regularization_c"], "van Rijn & Hutter 2018"),
        (PPO, ["learning_rate", "discount", "clip_range"], "Andrychowicz et al. 2021"),
        (PRETRAIN, ["learning_rate", "beta1"], "Deep Learning Tuning Playbook"),
    ],
)
def test_what_matters_more_in_such_a_run_comes_first(facts: dict[str, Any], order: list[str], source: str) -> None:
    space = search_space(facts)
    assert names(space)[: len(order)] == order
    assert space.dimensions[0].ranked == (source,)
    assert source in rendered("text", space)
    document = json.loads(rendered("json", space))
    assert document["dimensions"][0]["importance_sources"] == [source]


def test_the_range_is_that_of_the_context_on_a_log_scale() -> None:
    rate = dimension(search_space(BERT), "learning_rate")
    assert (rate.low, rate.high, rate.log, rate.start) == (2e-5, 5e-5, True, 3e-5)
    assert "BERT" in rate.context
    assert rate.sources


def test_a_wide_range_is_searched_no_further_than_is_sensible() -> None:
    trees = dimension(search_space(TREES, want=["n_estimators"]), "n_estimators")
    assert trees.low is not None
    assert trees.high is not None
    assert trees.high / trees.low <= 16


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("budget", [1, 4, 16, 64, None])
def test_every_space_is_sound(name: str, budget: int | None) -> None:
    space = search_space(RUNS[name], budget=budget)
    words = vocabulary().parameters
    for one in space.dimensions:
        if one.kind == "choice":
            assert one.start in one.choices
            continue
        assert one.low is not None
        assert one.high is not None
        assert one.low <= one.start <= one.high
        assert one.low < one.high
        assert words[one.parameter].allows(one.low)
        assert words[one.parameter].allows(one.high)
        assert not one.log or one.low > 0
    for values in space.points:
        for one in space.dimensions:
            assert (one.name in values) == active(one, values)
    assert [one.importance for one in space.dimensions] == sorted(one.importance for one in space.dimensions)


@pytest.mark.parametrize("name", RUNS)
def test_the_recommendation_is_sound_and_no_corner_is_an_error(name: str) -> None:
    space = search_space(RUNS[name])
    start = advisor.check({**RUNS[name], **space.config(space.start)})
    assert not [finding.message for finding in start.findings if finding.severity != "note"]
    for share in (0.0, 1.0):
        corner = {one.name: one.at(share) for one in space.dimensions}
        report = advisor.check({**RUNS[name], **space.config(corner)})
        assert not [finding.message for finding in report.findings if finding.severity == "error"]


def test_the_numbers_of_a_config_are_where_the_search_starts_and_its_choices_stay() -> None:
    config = {**BERT, "learning_rate": 4e-5, "weight_decay": 0.02, "batch_size": 32}
    space = search_space(config)
    assert dimension(space, "learning_rate").start == 4e-5
    assert dimension(space, "weight_decay").start == 0.02
    assert "batch_size" not in names(space)
    assert "batch_size" not in space.fixed


def test_what_the_budget_drops_stays_as_the_config_has_it() -> None:
    own = {"learning_rate": 0.1, "momentum": 0.85, "weight_decay": 0.002, "label_smoothing": 0.3, "dropout": 0.2}
    space = search_space({**RESNET, "optimizer": "sgd", **own}, budget=5)
    assert names(space) == ["learning_rate"]
    assert {name: space.fixed.get(name) for name in own} == {**own, "learning_rate": None}
    kept = next(aside for aside in space.aside if aside.name == "momentum")
    assert kept.value == 0.85
    assert kept.why.startswith("the config's own, where 0.9 is recommended; 5 trials tune 1 of 5")
    assert space.fixed["warmup_epochs"] == 5
    assert space.notes == ()


def test_a_start_outside_the_documented_range_is_not_taken_and_is_told() -> None:
    space = search_space({**BERT, "learning_rate": 0.5})
    assert dimension(space, "learning_rate").start == 3e-5
    note = "the config's learning_rate = 0.5 lies outside of what is searched: 2e-5 to 5e-5"
    assert space.notes == (note,)
    assert f"T{note[1:]}." in rendered("wandb", space)
    assert json.loads(rendered("json", space))["notes"] == [note]
    assert search_space({**BERT, "learning_rate": 0.5}, within={"learning_rate": (1e-5, 1e-4)}).notes == ()


def test_what_was_told_beside_the_config_stays_fixed() -> None:
    space = search_space(BERT, facts={"learning_rate": 1e-5})
    assert "learning_rate" not in names(space)


def test_within_bounds_and_choices() -> None:
    space = search_space(BERT, within={"learning_rate": (1e-5, 4e-5), "batch_size": [8, 16]})
    rate = dimension(space, "learning_rate")
    assert (rate.low, rate.high) == (1e-5, 4e-5)
    assert dimension(space, "batch_size").choices == (8, 16)


def test_only_what_is_wanted_and_the_rest_at_its_recommendation() -> None:
    space = search_space(RESNET, want=["weight_decay"])
    assert names(space) == ["weight_decay"]
    assert space.fixed["learning_rate"] > 0


def test_powers_of_two_where_they_are_usual() -> None:
    assert dimension(search_space(LORA, want=["lora_rank"]), "lora_rank").choices == (4, 8, 16, 32, 64)


def test_what_depends_on_a_choice_stands_below_each_of_its_values() -> None:
    space = search_space(RESNET, want=["optimizer", "learning_rate", "momentum"])
    sgd, adamw = dimension(space, "learning_rate_sgd"), dimension(space, "learning_rate_adamw")
    assert sgd.under == ("optimizer", "sgd")
    assert (sgd.low or 0) > (adamw.low or 0) * 10
    assert "momentum_sgd" in names(space)
    assert "momentum_adamw" not in names(space)
    point = {"optimizer": "adamw", "learning_rate_adamw": 1e-3}
    assert space.config(point)["learning_rate"] == 1e-3


def test_nothing_to_search_is_said_so() -> None:
    with pytest.raises(CallError, match="did you mean 'learning_rate'"):
        search_space(BERT, want=["learning_rat"])
    with pytest.raises(CallError, match="a number of trials"):
        search_space(BERT, budget=0)
    with pytest.raises(CallError, match="no search is called"):
        search_space(BERT, method="genetic")


# ---------------------------------------------------------------------------------------------------- how it searches


def test_grid_sizes_are_the_product_of_the_choices() -> None:
    assert grid_size([3, 3]) == 9
    assert grid_size([5, 4, 3]) == 60


@pytest.mark.parametrize(
    ("call", "method", "reason"),
    [
        ({"budget": 1}, "none", "the suggestion itself"),
        ({"budget": 12}, "random", "hardly leaves its initial design"),
        ({"budget": 60}, "bayesian", "enough for a surrogate model"),
        ({"budget": 60, "parallel": 30}, "random", "30 of 60 trials run at once"),
        ({"budget": 8, "want": ["learning_rate"]}, "grid", "one parameter"),
        ({"budget": 8, "within": {"batch_size": [8, 16], "epochs": [2, 3]}, "want": []}, "grid", "all 4 combinations"),
        ({"budget": 60, "method": "random"}, "random", "as asked for"),
        ({"budget": 60, "want": ["learning_rate"]}, "bayesian", "a surrogate model of 1 parameter,"),
        (
            {"budget": 60, "names": {"learning_rate": "rate", "dropout": "p"}, "only_named": True},
            "random",
            "own searches",
        ),
    ],
)
def test_the_budget_decides_the_search(call: dict[str, Any], method: str, reason: str) -> None:
    search = search_space(BERT, **call).search
    assert search.method == method
    assert reason in search.why


def test_what_the_budget_cannot_tune_is_dropped_the_least_important_first() -> None:
    all_of_them = names(search_space(BERT))
    few = search_space(BERT, budget=10)
    assert names(few) == all_of_them[:2]
    dropped = {aside.name: aside.why for aside in few.aside}
    assert "10 trials tune 2 of" in dropped[all_of_them[2]]
    assert few.fixed[all_of_them[2]] is not None


def test_one_trial_is_the_suggestion_and_nothing_else() -> None:
    space = search_space(TREES, budget=1)
    assert space.points == (space.start,)
    assert space.config(space.start)["n_estimators"] == space.advice.parameters["n_estimators"]
    assert rendered("text", space).startswith("No search: 1 trial of the suggestion\n")
    assert {aside.name: aside.why for aside in space.aside}["max_depth"] == "one trial tunes nothing"


def test_a_grid_fits_into_the_budget_and_is_finer_where_it_matters_more() -> None:
    space = search_space(BERT, budget=20, method="grid", want=["learning_rate", "weight_decay"])
    assert len(space.points) == space.search.trials <= 20
    counts = [len({values[name] for values in space.points}) for name in names(space)]
    assert counts == sorted(counts, reverse=True)
    assert min(counts) >= 3


@pytest.mark.parametrize(
    ("facts", "name", "budget", "values"),
    [
        ({"domain": "tabular"}, "hidden_size", 3, [64, 256, 1024]),
        (PPO, "discount", 5, [0.9, 0.98, 0.99, 0.995, 0.999]),
        (LORA, "lora_rank", 4, [4, 16, 32, 64]),
        (LORA, "lora_rank", 5, [4, 8, 16, 32, 64]),
        ({**RESNET, "optimizer": "sgd"}, "weight_decay", 3, [1e-4, 2.236e-4, 5e-4]),
    ],
)
def test_a_grid_along_one_parameter_has_as_many_steps_as_trials(
    facts: dict[str, Any], name: str, budget: int, values: list[Any]
) -> None:
    space = search_space(facts, want=[name], budget=budget)
    assert space.search.method == "grid"
    assert [found[name] for found in space.points] == values
    assert space.search.trials == budget


def test_of_choices_without_an_order_a_grid_takes_the_first_that_fit() -> None:
    space = search_space(RESNET, within={"activation": ["relu", "gelu", "silu", "tanh"]}, want=[], budget=3)
    assert [found["activation"] for found in space.points] == ["relu", "gelu", "silu"]


def test_two_trials_of_one_parameter_are_the_recommendation_and_another() -> None:
    for start in (64, 128, 256, 512, 1024):
        config = {"domain": "tabular", "hidden_size": start}
        first, second = search_space(config, want=["hidden_size"], budget=2).points
        assert first == {"hidden_size": start}
        assert second != first


def test_random_points_begin_with_the_recommendation_and_spread_evenly() -> None:
    space = search_space(BERT, budget=16)
    assert space.points[0] == space.start
    rates = sorted(values["learning_rate"] for values in space.points[1:])
    rate = dimension(space, "learning_rate")
    quarters = [rate.at(share) for share in (0.25, 0.5, 0.75)]
    ends = itertools.pairwise([0, *quarters, 1])
    assert all(sum(low < one <= high for one in rates) >= 3 for low, high in ends)
    assert search_space(BERT, budget=16).points == space.points


# -------------------------------------------------------------------------------------------------- in an engine's form


def rendered(form: str, space: Space) -> str:
    return "".join(renderer(form)(space, Look()))


SPACES: dict[str, dict[str, Any]] = {
    **{name: {"config": facts, "budget": 40} for name, facts in RUNS.items()},
    "conditional": {"config": RESNET, "want": ["optimizer", "learning_rate", "momentum"], "budget": 40},
    "grid": {"config": BERT, "budget": 9, "method": "grid"},
    "one": {"config": BERT, "budget": 1},
}


@lru_cache
def made(name: str) -> Space:
    return search_space(**SPACES[name])


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("form", FORMATS)
def test_every_format_writes_every_space(form: str, name: str) -> None:
    text = rendered(form, made(name))
    assert text.endswith("\n")
    assert not any(len(line) > 400 for line in text.splitlines())


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("form", ["optuna", "ray", "sklearn"])
def test_generated_modules_are_python(form: str, name: str) -> None:
    compile(rendered(form, made(name)), f"{name}.py", "exec")


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("form", ["json", "optuna-json", "configspace"])
def test_generated_json_is_json(form: str, name: str) -> None:
    json.loads(rendered(form, made(name)))


@pytest.mark.parametrize("name", SPACES)
def test_a_sweep_is_read_with_its_numbers_as_numbers(name: str) -> None:
    sweep = yaml.safe_load(rendered("wandb", made(name)))
    assert sweep["method"] in ("bayes", "random", "grid")
    assert sweep["run_cap"] == made(name).search.trials
    for row in sweep["parameters"].values():
        if "min" in row:
            assert isinstance(row["min"], int | float)
            assert row["min"] < row["max"]
            assert row["distribution"] in ("log_uniform_values", "uniform", "int_uniform", "q_log_uniform_values")


def test_engines_without_conditions_get_the_hull_and_are_told() -> None:
    text = rendered("wandb", made("conditional"))
    rate = yaml.safe_load(text)["parameters"]["learning_rate"]
    parts = [one for one in made("conditional").dimensions if one.key == "learning_rate"]
    assert rate["min"] == min(one.low or 0 for one in parts)
    assert rate["max"] == max(one.high or 0 for one in parts)
    assert "know no conditions" in text


def test_a_metric_to_be_maximised() -> None:
    space = search_space(BERT, metric="accuracy", maximize=True)
    assert yaml.safe_load(rendered("wandb", space))["metric"] == {"name": "accuracy", "goal": "maximize"}
    assert 'MODE = "max"' in rendered("ray", space)
    assert 'DIRECTION = "maximize"' in rendered("optuna", space)


# ------------------------------------------------------------------------------------------------- on the command line


def test_a_files_own_names_are_kept(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "train.yaml"
    path.write_text("model_name_or_path: bert-base-uncased\nper_device_train_batch_size: 16\nnum_train_epochs: 3\n")
    assert cli.main(["space", str(path), "--within", "batch_size=8,16", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    keys = {one["parameter"]: one["key"] for one in data["dimensions"]}
    assert keys["batch_size"] == "per_device_train_batch_size"
    assert data["fixed"]["max_grad_norm"] == 1


def test_the_keys_of_a_file_of_no_known_trainer_are_kept(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "train.yaml"
    path.write_text("model: resnet50\noptim:\n  name: sgd\n  lr: 0.1\n  wd: 0.002\n  momentum: 0.85\n")
    assert cli.main(["space", str(path), "--set", "dataset_size=50000", "--budget", "5", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [one["key"] for one in data["dimensions"]] == ["optim.lr"]
    assert data["dimensions"][0]["start"] == 0.1
    fixed = data["fixed"]
    assert (fixed["optim.wd"], fixed["optim.momentum"], fixed["label_smoothing"]) == (0.002, 0.85, 0.1)
    assert not {"learning_rate", "weight_decay", "momentum"} & set(fixed)
    assert data["notes"] == []


BERT_FILE = "model_name_or_path: bert-base-uncased\nper_device_train_batch_size: 16\nnum_train_epochs: 3\n"


@pytest.mark.parametrize("form", ["wandb", "json", "hydra"])
def test_what_stays_fixed_stands_as_the_trainers_file_says_it(
    form: str, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "train.yaml"
    path.write_text(BERT_FILE)
    assert cli.main(["space", str(path), "--budget", "20", "--format", form]) == 0
    text = capsys.readouterr().out
    data = yaml.safe_load(text)
    fixed = data["fixed"] if form == "json" else data["parameters"] if form == "wandb" else data
    assert fixed["bf16"] in (True, {"value": True})
    assert "precision" not in fixed
    assert "a key that takes dropout as written here" in text.replace("\n# ", " ")


def test_what_the_trainers_file_cannot_say_is_put_aside_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    call = ["space", "--set", "model=meta-llama/Llama-3.1-8B", "--set", "adapter=lora", "--names", "lightning"]
    assert cli.main([*call, "--budget", "10", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    reasons = {one["name"]: one["why"] for one in data["not_tuned"]}
    told = "it scales like the learning rate, which is tuned; not set: adapters are configured in code: peft.LoraConfig"
    assert reasons["lora_alpha"] == told
    assert not [key for key in data["fixed"] if "lora" in key]
    assert data["fixed"]["optimizer.class_path"] == "torch.optim.AdamW"
    assert data["fixed"]["trainer.precision"] == "bf16-mixed"
    assert {one["key"] for one in data["dimensions"]} == {"optimizer.init_args.lr", "lora_rank"}
    assert data["notes"] == ["the trainer is not known to have a key that takes lora_rank as written here"]


def test_names_of_scikit_learn_for_its_grid(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["space", "--set", "model=SVC", "--set", "n_features=20", "--format", "sklearn"]) == 0
    names: dict[str, Any] = {}
    exec(capsys.readouterr().out.replace("from scipy.stats import loguniform", "loguniform = print"), names)
    assert set(names["PARAM_GRID"][0]) == {"C", "gamma"}


@pytest.mark.parametrize("model", ["xgboost", "lightgbm", "SVC", "random_forest"])
@pytest.mark.parametrize("budget", [1, 4, 30, 60])
def test_a_search_of_scikit_learn_is_one_that_it_has_and_fits_into_the_trials(
    model: str, budget: int, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["space", "--set", f"model={model}", "--set", "n_features=20", "--format", "sklearn"]
    assert cli.main([*call, "--budget", str(budget)]) == 0
    text = capsys.readouterr().out
    assert "Bayesian" not in text
    assert "uasi-random" not in text
    found: dict[str, Any] = {"loguniform": list, "uniform": list, "randint": list}
    table = text[text.index("PARAM_GRID") : text.index("PARAM_DISTRIBUTIONS = ")]
    exec(table[table.index("PARAM_GRID = ") :], found)
    sizes = [grid_size(len(values) for values in table.values()) for table in found["PARAM_GRID"]]
    assert 1 <= sum(sizes) <= budget
    assert cli.main([*call, "--method", "bayesian"]) == 2


def test_a_call_that_cannot_be_carried_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["space", "--set", "model=bert-base", "--budget", "0"]) == 2
    assert cli.main(["space", "missing.yaml"]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_a_trainer_without_a_key_is_not_searched_over_it() -> None:
    names_of_trees = {"learning_rate": "learning_rate", "max_depth": "max_depth"}
    space = search_space(TREES, names=names_of_trees, only_named=True)
    assert {one.key for one in space.dimensions} == set(names_of_trees)
    assert "there is no key for it" in {aside.why for aside in space.aside}


def test_dotted_keys_are_nested_for_hydra() -> None:
    space = search_space(BERT, names={"batch_size": "data.batch_size", "learning_rate": "optimizer.lr"}, budget=12)
    data = yaml.safe_load(rendered("hydra", space))
    assert data["data"]["batch_size"] == 16
    assert "interval" in data["hydra"]["sweeper"]["params"]["optimizer.lr"]


def test_a_budget_that_was_told_counts() -> None:
    assert search_space(BERT, facts={"budget": 1}).search.method == "none"


def test_hydra_is_told_its_mode_on_the_command_line() -> None:
    text = rendered("hydra", made("bert"))
    assert "mode" not in yaml.safe_load(text)["hydra"]
    assert "python app.py --multirun +experiment=" in text
    assert "learning_rate=3e-05 warmup_ratio=0.06" in text
    assert "First the recommendation" not in rendered("hydra", made("grid"))
