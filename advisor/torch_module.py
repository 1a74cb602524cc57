"""A suggestion as a Python module for a training loop of one's own: constants, optimizer and schedule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

#: What a schedule multiplies the rate by after the warm-up, by `progress` from 0 to 1.
SHAPES: Final = {
    "constant": "1.0",
    "constant_with_warmup": "1.0",
    "linear": "1.0 - progress",
    "cosine": "0.5 * (1.0 + math.cos(math.pi * progress))",
}
#: The steps of warm-up, by the parameter that gives it.
_WARMUPS: Final = {
    "warmup_steps": "WARMUP_STEPS",
    "warmup_ratio": "round(WARMUP_RATIO * total_steps)",
    "warmup_epochs": "round(WARMUP_EPOCHS / EPOCHS * total_steps)",
}

_HEAD = '''"""Training settings, written by hpadvise."""

import math

import torch

'''
_OPTIMIZER = '''

def make_optimizer(parameters):
    """The optimizer of a model's parameters."""
    return {name}({arguments})
'''
_SCHEDULE = '''

def make_scheduler(optimizer, total_steps):
    """The schedule; call its `step` after each step of the optimizer."""
    warmup = {warmup}

    def factor(step):
        if step < warmup:
            return (step + 1) / warmup
        progress = min(1.0, (step - warmup) / max(1, total_steps - warmup))
        return {shape}

    return torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
'''


def module(optimizer: str | None, arguments: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """The module: an optimizer's class with its arguments, and every other value as a constant.

    A schedule of `SHAPES` becomes a function; another, like an optimizer without a class, stays a constant.
    """
    schedule = values.get("lr_schedule")
    body = "" if optimizer is None else _OPTIMIZER.format(name=optimizer, arguments=_call(arguments))
    if schedule in SHAPES:
        warmup = next((text for name, text in _WARMUPS.items() if name in values and _computable(name, values)), "0")
        body += _SCHEDULE.format(warmup=warmup, shape=SHAPES[schedule])
    constants = "".join(f"{name.upper()} = {value!r}\n" for name, value in values.items())
    head = _HEAD if "math." in body else _HEAD.replace("import math\n\n", "")
    return (head if "torch." in body else _HEAD[: _HEAD.index("import")]) + constants + body


def _computable(name: str, values: Mapping[str, Any]) -> bool:
    return name != "warmup_epochs" or "epochs" in values


def _call(arguments: Mapping[str, Any]) -> str:
    return ", ".join(["parameters", *(f"{name}={_literal(value)}" for name, value in arguments.items())])


def _literal(value: Any) -> str:
    return repr(tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else value)
