"""Published formulas against worked numbers, and their refusal where they say nothing."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable

import pytest

from advisor import laws

WORKED: list[tuple[str, float, float]] = [
    ("linear, vision recipe: base rate per 512 images, batch 1024", laws.linear_scaling(5e-4, 512, 1024), 1e-3),
    ("linear, masked autoencoder: base rate per 256, batch 4096", laws.linear_scaling(1.5e-4, 256, 4096), 2.4e-3),
    ("square root, base 1024, batch 2048", laws.square_root_scaling(4e-3, 1024, 2048), 5.65685e-3),
    ("contrastive, linear form at 4096", laws.linear_scaling(0.3, 256, 4096), 4.8),
    ("contrastive, square root form at 4096", laws.square_root_scaling(0.075, 1, 4096), 4.8),
    ("horizon, a tenth of the steps", laws.horizon_scaling(1e-3, 5000, 500), 2.0893e-3),
    ("critical batch", laws.critical_batch_learning_rate(1e-3, 1000, 250), 2e-4),
    ("DeepSeek rate at 1e21", laws.deepseek_learning_rate(1e21), 7.394e-4),
    ("DeepSeek batch at 1e21", laws.deepseek_batch_tokens(1e21), 2.160e6),
    ("DeepSeek rate at 8.4e22", laws.deepseek_learning_rate(8.4e22), 4.250e-4),
    ("DeepSeek batch at 8.4e22", laws.deepseek_batch_tokens(8.4e22), 9.203e6),
    ("Step Law rate, 1e9 on 2e10", laws.step_law_learning_rate(1e9, 2e10), 9.960e-4),
    ("Step Law batch on 2e10", laws.step_law_batch_tokens(2e10), 4.419e5),
    ("Step Law rate, 4e8 on 8e9", laws.step_law_learning_rate(4e8, 8e9), 1.4449e-3),
    ("Step Law batch on 8e9", laws.step_law_batch_tokens(8e9), 2.619e5),
    ("Kaplan at 1.25e8", laws.kaplan_learning_rate(1.25e8), 6.382e-4),
    ("Kaplan at 1.5e9", laws.kaplan_learning_rate(1.5e9), 2.915e-4),
    ("transformer schedule at its peak", laws.noam_learning_rate(512, 4000, 4000), 6.98771e-4),
    ("plateau, halving to 1/1024", laws.plateau_cuts(1 / 2), 10),
    ("plateau, rate after ten halvings", 1e-2 * 0.5 ** laws.plateau_cuts(1 / 2), 9.765625e-6),
    ("plateau, tenths to 1/1024", laws.plateau_cuts(1 / 10), 4),
    ("width transfer", laws.mup_learning_rate(3e-3, 256, 2048), 3.75e-4),
    ("Lion, low end of the rate", laws.lion_learning_rate(3e-4).low, 3e-5),
    ("Lion, high end of the rate", laws.lion_learning_rate(3e-4).high, 1e-4),
    ("Lion, low end of the decay", laws.lion_weight_decay(0.1).low, 0.3),
    ("Lion, high end of the decay", laws.lion_weight_decay(0.1).high, 1.0),
    ("decay of one AdamW step", laws.weight_decay_per_step(3e-4, 0.1), 0.99997),
    ("AdamW horizon", laws.adamw_horizon(3e-4, 0.1), 33333),
    ("layer decay, deepest of twelve", laws.layer_decay_factor(0.65, 12), 5.688e-3),
    ("discriminative rate, three layers down", laws.discriminative_learning_rate(0.01, 3), 5.690e-4),
    ("LoRA scale", laws.lora_scale(16, 64), 0.25),
    ("rank-stabilised LoRA scale", laws.rslora_scale(16, 64), 2.0),
    ("LoRA rate from full fine-tuning", laws.lora_learning_rate(2e-5), 2e-4),
    ("effective batch", laws.effective_batch(4, 8, 4), 128),
    ("tokens a step", laws.tokens_per_step(1024, 4096), 4194304),
    ("grid of 3 x 3", laws.grid_trials([3, 3]), 9),
    ("grid of 5 x 4 x 3", laws.grid_trials([5, 4, 3]), 60),
    ("compute-optimal tokens", laws.chinchilla_tokens(7e10), 1.4e12),
    ("untuned warm-up", laws.untuned_warmup_steps(0.999), 2000),
    ("momentum 0.9 multiplies by ten", laws.effective_learning_rate(0.01, 0.9), 0.1),
    ("neighbours", laws.neighbours(400, n_classes=3), 20),
    ("neighbours, two classes vote without ties", laws.neighbours(400, n_classes=2), 19),
    ("clusters", laws.rule_of_thumb_clusters(200), 10),
    ("standardised RBF kernel", laws.rbf_gamma(20), 0.05),
    ("t-SNE rate", laws.tsne_learning_rate(9600), 200),
    ("steps an epoch, last batch smaller", laws.steps_per_epoch(1000, 64), 16),
    ("parameters of a GPT-2 small", laws.transformer_parameters(12, 768), 84.9e6),
    ("parameters of a perceptron", laws.mlp_parameters(10, 100, 2, 3), 11503),
]


@pytest.mark.parametrize(("got", "expected"), [pytest.param(g, e, id=name) for name, g, e in WORKED])
def test_worked_numbers(got: float, expected: float) -> None:
    assert got == pytest.approx(expected, rel=1e-3)


def test_what_fits_on_a_device() -> None:
    assert laws.sequences_that_fit(7e9, 2048, 80) == 0, "full fine-tuning of 7B needs 112 GB for its states alone"
    assert 4 <= laws.sequences_that_fit(7e9, 2048, 80, bytes_per_parameter=2) <= 32
    assert laws.sequences_that_fit(7e9, 512, 24, bytes_per_parameter=0.6) >= 4
    assert laws.sequences_that_fit(1.25e8, 1024, 24) > laws.sequences_that_fit(1e9, 1024, 24)


def test_lion_keeps_rate_times_decay_at_each_end() -> None:
    rate, decay = laws.lion_learning_rate(3e-4), laws.lion_weight_decay(0.1)
    assert rate.low * decay.high == pytest.approx(3e-5)
    assert rate.high * decay.low == pytest.approx(3e-5)


def test_full_adaptive_rule() -> None:
    got = laws.adam_sde_scaling(1e-3, 64, 256, beta1=0.9, beta2=0.999, epsilon=1e-8)
    assert got == pytest.approx((2e-3, 0.6, 0.996, 5e-9))


REFUSED: list[tuple[str, Callable[[], object], str]] = [
    (
        "betas below zero",
        lambda: laws.adam_sde_scaling(1e-3, 1, 12, beta1=0.9, beta2=0.999, epsilon=1e-8),
        "beta1 would become -0.2",
    ),
    ("Kaplan beyond its zero", lambda: laws.kaplan_learning_rate(2e10), "parameters = 2e\\+10 is outside"),
    ("DeepSeek for a toy", lambda: laws.deepseek_learning_rate(1e12), "compute"),
    ("Step Law for a toy", lambda: laws.step_law_learning_rate(1e5, 1e9), "parameters"),
    ("negative rate", lambda: laws.linear_scaling(-1e-3, 1, 2), "learning_rate must be a positive"),
    ("no batch", lambda: laws.square_root_scaling(1e-3, 0, 2), "from_batch must be a positive"),
    ("infinite batch", lambda: laws.linear_scaling(1e-3, 1, math.inf), "to_batch"),
    ("decay that flips signs", lambda: laws.weight_decay_per_step(1.0, 1.0), "lr \\* wd = 1"),
    ("momentum of one", lambda: laws.effective_learning_rate(0.1, 1.0), "momentum"),
    ("plateau that never falls", lambda: laws.plateau_cuts(1.0), "between 0 and 1"),
    ("uneven heads", lambda: laws.head_dimension(768, 10), "768 does not divide into 10"),
    ("empty grid", lambda: laws.grid_trials([]), "at least one"),
    ("layer above the head", lambda: laws.layer_decay_factor(0.65, -1), "negative"),
    ("ratio never measured", lambda: laws.lora_learning_rate(2e-5, ratio=100), "ratio"),
]


@pytest.mark.parametrize(("call", "says"), [pytest.param(c, s, id=name) for name, c, s in REFUSED])
def test_refusals_say_which_bound(call: Callable[[], object], says: str) -> None:
    with pytest.raises(laws.LawError, match=says):
        call()


@pytest.mark.parametrize("name", laws.__all__)
def test_every_law_is_documented(name: str) -> None:
    assert inspect.getdoc(getattr(laws, name))
