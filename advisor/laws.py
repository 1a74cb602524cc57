"""Published formulas as plain functions: one law a function, numbers in, a number out.

Every docstring says what the number means, in which unit, where the law was measured and who published it. A law
that is asked for something outside the region in which it says anything raises `LawError`: no value is better than a
made-up one.

Fitted laws were measured on a grid of runs; they are answered up to ten times beyond its edges and refused farther out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

__all__ = [
    "DECAYED_OVER_HELD",
    "AdamScaling",
    "Interval",
    "LawError",
    "adam_sde_scaling",
    "adamw_horizon",
    "averaging_horizon",
    "chinchilla_tokens",
    "compute_of",
    "critical_batch_learning_rate",
    "deepseek_batch_tokens",
    "deepseek_learning_rate",
    "discriminative_learning_rate",
    "effective_batch",
    "effective_learning_rate",
    "factors_limit",
    "grid_trials",
    "head_dimension",
    "horizon_scaling",
    "kaplan_learning_rate",
    "layer_decay_factor",
    "linear_scaling",
    "lion_learning_rate",
    "lion_weight_decay",
    "lora_learning_rate",
    "lora_scale",
    "mlp_parameters",
    "mup_learning_rate",
    "neighbours",
    "noam_learning_rate",
    "plateau_cuts",
    "rbf_gamma",
    "rslora_scale",
    "rule_of_thumb_clusters",
    "sequences_that_fit",
    "slanted_peak_step",
    "square_root_scaling",
    "step_law_batch_tokens",
    "step_law_learning_rate",
    "steps_per_epoch",
    "tokens_per_step",
    "transformer_memory_per_token",
    "transformer_parameters",
    "tsne_learning_rate",
    "untuned_warmup_steps",
    "weight_decay_per_step",
]

#: Peak of a rate that decays to zero (cosine, linear) over the best rate that is held: the mean of such a schedule is
#: half its peak, and the best peaks were measured to differ by about that. Sources: Hägele et al. 2024,
#: arXiv:2405.18392; Schaipp et al. 2025, arXiv:2501.18965 (the second from memory).
DECAYED_OVER_HELD = 2.0


class LawError(ValueError):
    """A law was asked for something outside the region in which it holds; the message says which bound was crossed."""


class Interval(NamedTuple):
    """Both ends of a documented range, in the unit of the quantity it bounds."""

    low: float
    high: float


class AdamScaling(NamedTuple):
    """What the full adaptive rule makes of an Adam setup at another batch size."""

    learning_rate: float
    beta1: float
    beta2: float
    epsilon: float


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not (math.isfinite(value) and value > 0):
            raise LawError(f"{name} must be a positive finite number, not {value!r}")


def _within(low: float, high: float, **values: float) -> None:
    for name, value in values.items():
        if not low <= value <= high:
            raise LawError(f"{name} = {value:g} is outside {low:g} to {high:g}, the region in which this law holds")


def _unit_open(**values: float) -> None:
    for name, value in values.items():
        if not 0 <= value < 1:
            raise LawError(f"{name} must be at least 0 and below 1, not {value!r}")


# --- batch size -------------------------------------------------------------------------------------------------------


def linear_scaling(learning_rate: float, from_batch: float, to_batch: float) -> float:
    """Learning rate at another batch size by the linear rule, `lr * to/from`.

    For SGD with or without momentum, with a warm-up of about five epochs; measured from 256 to about 8192 images.
    Source: Goyal et al. 2017, arXiv:1706.02677.
    """
    _positive(learning_rate=learning_rate, from_batch=from_batch, to_batch=to_batch)
    return learning_rate * to_batch / from_batch


def square_root_scaling(learning_rate: float, from_batch: float, to_batch: float) -> float:
    """Learning rate at another batch size by the square root rule, `lr * sqrt(to/from)`.

    For Adam, AdamW, RMSprop and LAMB. Source: Malladi et al. 2022, arXiv:2205.10287; for SGD it keeps the variance of
    the update (Krizhevsky 2014, arXiv:1404.5997), though the linear rule worked better there.
    """
    _positive(learning_rate=learning_rate, from_batch=from_batch, to_batch=to_batch)
    return learning_rate * math.sqrt(to_batch / from_batch)


def adam_sde_scaling(  # noqa: PLR0913 - the setup of Adam has these six numbers
    learning_rate: float, from_batch: float, to_batch: float, *, beta1: float, beta2: float, epsilon: float
) -> AdamScaling:
    """Scale the whole Adam setup: `lr*sqrt(k)`, `beta' = 1 - k*(1 - beta)`, `eps/sqrt(k)` with `k = to/from`.

    Defined only while both betas stay at or above 0, that is `k <= 1/(1 - beta1)` (10 at 0.9). In practice change only
    the rate beyond k of 4 to 8, where beta1 would leave its usual range. Source: Malladi et al. 2022, arXiv:2205.10287.
    """
    _unit_open(beta1=beta1, beta2=beta2)
    _positive(epsilon=epsilon)
    ratio = to_batch / from_batch
    rate = square_root_scaling(learning_rate, from_batch, to_batch)
    scaled = (1 - ratio * (1 - beta1), 1 - ratio * (1 - beta2))
    for name, value in zip(("beta1", "beta2"), scaled, strict=True):
        if value < -1e-12:
            raise LawError(
                f"{name} would become {value:.4g}: the rule ends at k = 1/(1 - {name}), and k = {ratio:g} is beyond it"
            )
    return AdamScaling(rate, max(scaled[0], 0.0), max(scaled[1], 0.0), epsilon / math.sqrt(ratio))


def horizon_scaling(learning_rate: float, from_steps: float, to_steps: float) -> float:
    """Learning rate for a run of another length at the same batch, `lr * (from/to) ** 0.32`: longer runs take less.

    Measured for AdamW on language models of 50M to 2.7B parameters and 25 to 800 billion tokens; elsewhere its
    direction is all that is known. Source: Bjorck et al. 2024, arXiv:2409.19913 (exponent not re-read in it).
    """
    _positive(learning_rate=learning_rate, from_steps=from_steps, to_steps=to_steps)
    return float(learning_rate * (from_steps / to_steps) ** 0.32)


def critical_batch_learning_rate(
    maximum_learning_rate: float, noise_scale: float, batch: float, exponent: float = 1.0
) -> float:
    """Best learning rate at `batch`, `lr_max / (1 + noise_scale/batch) ** exponent`, level above the noise scale.

    `noise_scale` is the gradient noise scale, in the unit of `batch`; `maximum_learning_rate` the best rate with the
    exact gradient. `exponent` is 1 for SGD and 0.5 to 1 for Adam. Source: McCandlish et al. 2018, arXiv:1812.06162.
    """
    _positive(maximum_learning_rate=maximum_learning_rate, noise_scale=noise_scale, batch=batch)
    _within(0.5, 1.0, exponent=exponent)
    return float(maximum_learning_rate / (1 + noise_scale / batch) ** exponent)


def effective_batch(per_device: float, accumulation: float = 1, devices: float = 1) -> float:
    """Samples behind one optimizer step: per device x accumulated micro-batches x data-parallel devices."""
    _positive(per_device=per_device, accumulation=accumulation, devices=devices)
    return per_device * accumulation * devices


def tokens_per_step(effective_batch_size: float, sequence_length: float) -> float:
    """Tokens behind one optimizer step: effective batch in sequences x tokens a sequence."""
    _positive(effective_batch_size=effective_batch_size, sequence_length=sequence_length)
    return effective_batch_size * sequence_length


def steps_per_epoch(dataset_size: float, effective_batch_size: float) -> int:
    """Optimizer steps in one pass over `dataset_size` samples, the last and smaller batch included."""
    _positive(dataset_size=dataset_size, effective_batch_size=effective_batch_size)
    return math.ceil(dataset_size / effective_batch_size)


# --- scaling laws of language-model pretraining -----------------------------------------------------------------------


def compute_of(parameters: float, tokens: float) -> float:
    """Training compute in FLOPs, `6 * N * D`, for a dense transformer of N non-embedding parameters and D tokens.

    Leaves out attention over the context, so it is low for small models with long sequences.
    Source: Kaplan et al. 2020, arXiv:2001.08361, section 2.1.
    """
    _positive(parameters=parameters, tokens=tokens)
    return 6 * parameters * tokens


def deepseek_learning_rate(compute: float) -> float:
    """Peak AdamW learning rate of language-model pretraining, `0.3118 * C**-0.125`, C in FLOPs.

    Fitted from 1e17 to 2e19 FLOPs, used by its authors for 7B and 67B models; answered from 1e17 to 1e25.
    Source: Bi et al. 2024 (DeepSeek LLM), arXiv:2401.02954, equation 1. The coefficients were taken from a secondary
    transcription and not re-read in the paper.
    """
    _within(1e17, 1e25, compute=compute)
    return float(0.3118 * compute**-0.1250)


def deepseek_batch_tokens(compute: float) -> float:
    """Batch size in tokens of language-model pretraining, `0.2920 * C**0.3271`, C in FLOPs; region as for the rate.

    Source: Bi et al. 2024 (DeepSeek LLM), arXiv:2401.02954, equation 1 (coefficients not re-read in the paper).
    """
    _within(1e17, 1e25, compute=compute)
    return float(0.2920 * compute**0.3271)


def step_law_learning_rate(parameters: float, tokens: float) -> float:
    """Peak AdamW learning rate of language-model pretraining, `1.79 * N**-0.713 * D**0.307`.

    N counts non-embedding parameters, D tokens. Fitted for N of 6e7 to 1.1e9 and D of 2e9 to 1e11, with a final rate
    of 1e-5; answered up to ten times beyond. Source: Li et al. 2025 (Step Law), arXiv:2503.04715 (coefficients not
    re-read in the paper).
    """
    _within(6e6, 1.1e10, parameters=parameters)
    _within(2e8, 1e12, tokens=tokens)
    return float(1.79 * parameters**-0.713 * tokens**0.307)


def step_law_batch_tokens(tokens: float) -> float:
    """Batch size in tokens of language-model pretraining, `0.58 * D**0.571`; region and source as for the rate."""
    _within(2e8, 1e12, tokens=tokens)
    return float(0.58 * tokens**0.571)


def kaplan_learning_rate(parameters: float) -> float:
    """Peak Adam learning rate by size alone, `0.003239 - 0.0001395 * ln(N)`, N non-embedding parameters.

    Measured from 1e3 to 1.5e9 parameters at 0.5M tokens a batch; the formula reaches zero near 1.2e10 and is refused
    above 1e10. Source: Kaplan et al. 2020, arXiv:2001.08361, appendix D.6 (coefficients not re-read in the paper).
    """
    _within(1e3, 1e10, parameters=parameters)
    return 0.003239 - 0.0001395 * math.log(parameters)


def chinchilla_tokens(parameters: float) -> float:
    """Compute-optimal number of training tokens, about 20 a parameter.

    Models that will be used much are trained far beyond it. Source: Hoffmann et al. 2022, arXiv:2203.15556.
    """
    _positive(parameters=parameters)
    return 20 * parameters


def transformer_parameters(num_layers: float, hidden_size: float) -> float:
    """Non-embedding parameters of a transformer, `12 * layers * width**2` (feed-forward of four times the width).

    Source: Kaplan et al. 2020, arXiv:2001.08361, table 1.
    """
    _positive(num_layers=num_layers, hidden_size=hidden_size)
    return 12 * num_layers * hidden_size**2


def mlp_parameters(n_inputs: float, hidden_size: float, num_layers: float, n_outputs: float = 1) -> float:
    """Weights and biases of a plain multilayer perceptron with `num_layers` hidden layers of equal width."""
    _positive(n_inputs=n_inputs, hidden_size=hidden_size, num_layers=num_layers, n_outputs=n_outputs)
    hidden = (num_layers - 1) * hidden_size * (hidden_size + 1)
    return hidden_size * (n_inputs + 1) + hidden + n_outputs * (hidden_size + 1)


# --- width, layers, adapters ------------------------------------------------------------------------------------------


def mup_learning_rate(learning_rate: float, from_width: float, to_width: float) -> float:
    """Adam learning rate of hidden matrices at another width under muP, `lr * from_width/to_width`.

    Holds in the maximal update parametrisation (initialisation, output multiplier and attention scale changed too); the
    decoupled decay of these matrices is multiplied by the inverse. SGD keeps the rate of hidden matrices.
    Source: Yang et al. 2022, arXiv:2203.03466; read in microsoft/mup, mup/optim.py.
    """
    _positive(learning_rate=learning_rate, from_width=from_width, to_width=to_width)
    return learning_rate * from_width / to_width


def layer_decay_factor(decay: float, distance: int) -> float:
    """Rate of a layer relative to the head, `decay ** distance`; distance counts layers below the head.

    Usual decay 0.65 to 0.9. Source: Clark et al. 2020 (ELECTRA), arXiv:2003.10555; He et al. 2022 (MAE).
    """
    if not 0 < decay <= 1:
        raise LawError(f"decay must be above 0 and at most 1, not {decay!r}")
    if distance < 0:
        raise LawError(f"distance counts layers below the head and cannot be negative: {distance}")
    return float(decay**distance)


def discriminative_learning_rate(learning_rate: float, distance: int, factor: float = 2.6) -> float:
    """Rate of a layer `distance` layers below the top in discriminative fine-tuning, `lr / factor ** distance`.

    Source: Howard & Ruder 2018 (ULMFiT), arXiv:1801.06146, for an LSTM language model of three layers.
    """
    _positive(learning_rate=learning_rate)
    _within(1, 10, factor=factor)
    if distance < 0:
        raise LawError(f"distance counts layers below the top and cannot be negative: {distance}")
    return float(learning_rate / factor**distance)


def head_dimension(hidden_size: int, num_heads: int) -> int:
    """Width of one attention head; the hidden size must divide evenly. 64 to 128 in almost every published model."""
    if hidden_size < 1 or num_heads < 1 or hidden_size % num_heads:
        raise LawError(f"hidden size {hidden_size} does not divide into {num_heads} heads")
    return hidden_size // num_heads


def lora_scale(alpha: float, rank: float) -> float:
    """Factor before the LoRA update, `alpha / r`.

    Source: Hu et al. 2021, arXiv:2106.09685; read in PEFT's documentation.
    """
    _positive(alpha=alpha, rank=rank)
    return alpha / rank


def rslora_scale(alpha: float, rank: float) -> float:
    """Factor before the rank-stabilised LoRA update, `alpha / sqrt(r)`.

    Source: Kalajdzievski 2023, arXiv:2312.03732; read in PEFT's documentation (`use_rslora`).
    """
    _positive(alpha=alpha, rank=rank)
    return alpha / math.sqrt(rank)


def lora_learning_rate(full_finetuning_rate: float, ratio: float = 10.0) -> float:
    """LoRA rate from the best rate of full fine-tuning, ten times it, nearly independent of the rank.

    Measured ratios lie between 3 and 20. Source: Schulman et al. 2025, LoRA Without Regret.
    """
    _positive(full_finetuning_rate=full_finetuning_rate)
    _within(3, 20, ratio=ratio)
    return full_finetuning_rate * ratio


# --- optimizers and schedules -----------------------------------------------------------------------------------------


def lion_learning_rate(adamw_rate: float) -> Interval:
    """Lion's rate from AdamW's, 3 to 10 times smaller. Source: Chen et al. 2023, arXiv:2302.06675, section 5."""
    _positive(adamw_rate=adamw_rate)
    return Interval(adamw_rate / 10, adamw_rate / 3)


def lion_weight_decay(adamw_decay: float) -> Interval:
    """Lion's decoupled decay from AdamW's, 3 to 10 times larger, so that rate x decay stays.

    The small end belongs to the large end of the rate. Source: Chen et al. 2023, arXiv:2302.06675, section 5.
    """
    _positive(adamw_decay=adamw_decay)
    return Interval(3 * adamw_decay, 10 * adamw_decay)


def weight_decay_per_step(learning_rate: float, weight_decay: float) -> float:
    """Factor that decoupled decay multiplies each weight by in one step, `1 - lr * wd`; refused at or below 0.

    Source: Loshchilov & Hutter 2019, arXiv:1711.05101, as implemented in PyTorch (the decay is multiplied by the rate).
    """
    _positive(learning_rate=learning_rate)
    shrink = 1 - learning_rate * weight_decay
    if not 0 < shrink <= 1:
        raise LawError(f"lr * wd = {learning_rate * weight_decay:g}: weights would change sign instead of shrinking")
    return shrink


def adamw_horizon(learning_rate: float, weight_decay: float) -> float:
    """Steps over which AdamW's weights average their updates, `1 / (lr * wd)`.

    Source: Wang & Aitchison 2024, arXiv:2405.13698.
    """
    _positive(learning_rate=learning_rate, weight_decay=weight_decay)
    return 1 / (learning_rate * weight_decay)


def averaging_horizon(beta: float) -> float:
    """Steps over which an exponential average remembers, `1 / (1 - beta)`; momenta, betas, EMA of weights, discount."""
    _unit_open(beta=beta)
    return 1 / (1 - beta)


def effective_learning_rate(learning_rate: float, momentum: float) -> float:
    """Rate that momentum SGD applies to a constant gradient, `lr / (1 - momentum)`; keep it when momentum changes."""
    _positive(learning_rate=learning_rate)
    _unit_open(momentum=momentum)
    return learning_rate / (1 - momentum)


def untuned_warmup_steps(beta2: float) -> int:
    """Linear warm-up that Adam needs without tuning, `2 / (1 - beta2)` steps (2000 at 0.999, 40 at 0.95).

    Source: Ma & Yarats 2021, arXiv:1910.04209.
    """
    _unit_open(beta2=beta2)
    return round(2 / (1 - beta2))


def noam_learning_rate(hidden_size: float, warmup_steps: float, step: float, factor: float = 1.0) -> float:
    """Learning rate of the original transformer at `step`, `factor * d**-0.5 * min(step**-0.5, step * warmup**-1.5)`.

    Its peak is at `step == warmup_steps`. Source: Vaswani et al. 2017, arXiv:1706.03762, equation 3.
    """
    _positive(hidden_size=hidden_size, warmup_steps=warmup_steps, step=step, factor=factor)
    return float(factor * hidden_size**-0.5 * min(step**-0.5, step * warmup_steps**-1.5))


def plateau_cuts(factor: float, stop_ratio: float = 1 / 1024) -> int:
    """Cuts after which a plateau schedule ends: the first n with `factor**n <= stop_ratio`.

    Ten halvings reach 1/1024; with a factor of a tenth the fourth cut is the first below.
    """
    if not (0 < factor < 1 and 0 < stop_ratio < 1):
        raise LawError(f"factor and stop ratio must lie between 0 and 1: {factor!r}, {stop_ratio!r}")
    return math.ceil(math.log(stop_ratio) / math.log(factor) - 1e-9)


def slanted_peak_step(total_steps: int, cut_fraction: float = 0.1) -> int:
    """Step at which the slanted triangular schedule peaks. Source: Howard & Ruder 2018, arXiv:1801.06146."""
    _positive(total_steps=total_steps)
    _within(0, 1, cut_fraction=cut_fraction)
    return math.floor(total_steps * cut_fraction)


def transformer_memory_per_token(
    parameters: float, vocabulary: float = 128_000, *, checkpointing: bool = True
) -> float:
    """Bytes of activations a token while a transformer trains in half precision without storing attention's matrices.

    With gradient checkpointing two bytes a layer and unit of width for the kept inputs and 34 a unit of width for the
    layer being recomputed, without it 34 for every layer; ten a word of the vocabulary for the logits and their
    gradient. Width and depth follow from the size at the usual shape (width of 128 a layer). An estimate within a
    factor of about two. Source: Korthikanti et al. 2023, arXiv:2205.05198, for the bytes; the shape is this function's
    own assumption.
    """
    _positive(parameters=parameters, vocabulary=vocabulary)
    width = (parameters * 128 / 12) ** (1 / 3)
    layers = max(1.0, parameters / (12 * width**2))
    kept = 2 * layers * width + 34 * width if checkpointing else 34 * layers * width
    return float(kept + 10 * vocabulary)


def sequences_that_fit(  # noqa: PLR0913 - what takes room on a device are these
    parameters: float,
    sequence_length: float,
    memory_gib: float,
    bytes_per_parameter: float = 16,
    *,
    devices: float = 1,
    vocabulary: float = 128_000,
) -> int:
    """Sequences a device holds while training, beside weights, gradients and optimizer states; 0 where none fits.

    `bytes_per_parameter` is 16 for AdamW in mixed precision, about 2 for an adapter on half-precision weights and 0.6
    on 4-bit weights; with `devices` above 1 they are sharded over so many (ZeRO stage 3, FSDP). A tenth of the memory
    is left to the framework. An estimate within a factor of about two.
    Source: Rajbhandari et al. 2020 (ZeRO), arXiv:1910.02054, for the 16 bytes.
    """
    _positive(
        parameters=parameters,
        sequence_length=sequence_length,
        memory_gib=memory_gib,
        bytes_per_parameter=bytes_per_parameter,
        devices=devices,
    )
    free = 0.9 * memory_gib * 2**30 - parameters * bytes_per_parameter / devices
    return max(0, math.floor(free / (sequence_length * transformer_memory_per_token(parameters, vocabulary))))


# --- searches and classic learners ------------------------------------------------------------------------------------


def grid_trials(choices: Iterable[int]) -> int:
    """Trials of a full grid: the product of the number of candidates of each hyperparameter."""
    counts = list(choices)
    if not counts or min(counts) < 1:
        raise LawError(f"a grid needs at least one candidate for each hyperparameter: {counts}")
    return math.prod(counts)


def neighbours(n_samples: int, n_classes: int | None = None) -> int:
    """k of k-nearest neighbours to begin with, about `sqrt(n)`; odd for two classes, so that no vote is tied.

    A rule of thumb that cross-validation should replace. Source: Duda, Hart & Stork 2001, section 4.4 (k of the order
    of sqrt(n) meets the conditions of consistency; from memory).
    """
    _positive(n_samples=n_samples)
    root = max(1, math.isqrt(n_samples))
    even_votes = n_classes == 2 and root % 2 == 0
    return root - 1 if even_votes else root


def rule_of_thumb_clusters(n_samples: int) -> int:
    """k of k-means where nothing is known, `sqrt(n / 2)`; elbow or silhouette should replace it.

    Source: Mardia, Kent & Bibby 1979, Multivariate Analysis (from memory).
    """
    _positive(n_samples=n_samples)
    return max(2, round(math.sqrt(n_samples / 2)))


def factors_limit(n_rows: int, n_columns: int) -> int:
    """Most latent factors that a matrix can hold: the smaller of its sides."""
    _positive(n_rows=n_rows, n_columns=n_columns)
    return min(n_rows, n_columns)


def rbf_gamma(n_features: float, variance: float = 1.0) -> float:
    """Width of an RBF kernel, `1 / (n_features * variance)`; variance 1 after standardising.

    Source: scikit-learn, `SVC(gamma="scale")`.
    """
    _positive(n_features=n_features, variance=variance)
    return 1 / (n_features * variance)


def tsne_learning_rate(n_samples: float, early_exaggeration: float = 12.0) -> float:
    """Learning rate of t-SNE, `max(n / early_exaggeration / 4, 50)`.

    Source: scikit-learn, `TSNE(learning_rate="auto")`.
    """
    _positive(n_samples=n_samples, early_exaggeration=early_exaggeration)
    return max(n_samples / early_exaggeration / 4, 50.0)
