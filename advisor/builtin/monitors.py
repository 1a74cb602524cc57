"""A monitored score against the mode that says which end of it is good."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisor.builtin.common import Case, Hit, place_at
from advisor.findings import Expected
from advisor.parameters import word

if TYPE_CHECKING:
    from advisor.dialects import Leaf
    from advisor.document import KeyPath
    from advisor.setup import Part


_SCORES = re.compile(
    r"(^|[_/. ])(acc|acc1|accuracy|top1|f1|auc|auroc|map|map50|miou|iou|jaccard_index|dice|bleu|rouge|r2|precision"
    r"|recall|psnr|ssim|ndcg|mcc|kappa|reward)([_/. 0-9@-]|$)"
)
_LOSSES = re.compile(r"(^|[_/. ])(loss|mse|mae|rmse|perplexity|ppl|wer|cer|eer|fid|mape)([_/. 0-9-]|$)")


def monitored_direction(case: Case) -> Iterator[Hit]:
    """A monitored score and, beside it, the mode that says which end of it is good; each callback has its own pair."""
    for part in case.setup.parts:
        yield from _monitored_in(part)


def _monitored_in(part: Part) -> Iterator[Hit]:
    for metric, mode in _monitored_pairs(part):
        name = metric.value.strip().lower()
        direction = str(part.dialect.defaults["monitor_mode"] if mode is metric else mode.value).strip().lower()
        wrong = (direction == "max" and _LOSSES.search(name) and "neg" not in name) or (
            direction == "min" and _SCORES.search(name) and "loss" not in name and "err" not in name
        )
        if wrong:
            better = "larger" if direction == "max" else "smaller"
            yield Hit(
                message=f"{metric.value} is watched in mode {direction}, as if {better} were better",
                parameters=("monitor_mode", "monitor"),
                place=place_at(part.document, mode.path, part.document.span(mode.path)),
                value=direction,
                expected=Expected(one_of=("min" if direction == "max" else "max",)),
                advice=f"set the mode to {'min' if direction == 'max' else 'max'}",
            )


def _monitored_pairs(part: Part) -> Iterator[tuple[Leaf, Leaf]]:
    """Scores with the modes that belong to them: beside one another, or a plateau schedule and the only score.

    A callback without a mode stands for both where the trainer has a mode by default.
    """
    beside: dict[KeyPath, dict[str, Leaf]] = {}
    for leaf in part.run.leaves:
        if leaf.path and isinstance(leaf.value, str):
            beside.setdefault(leaf.path[:-1], {})[word(str(leaf.path[-1]))] = leaf
    alone: list[Leaf] = []
    for leaves in beside.values():
        metric = leaves.get("monitor")
        if metric is None:
            continue
        assumed = "monitor_mode" in part.dialect.defaults and "callbacks" in metric.words
        mode = leaves.get("mode", metric if assumed else None)
        if mode is not None:
            yield metric, mode
        else:
            alone.append(metric)
    if len({metric.value for metric in alone}) == 1:
        for path, leaves in beside.items():
            about = " ".join(leaf.value for near in (path, path[:-1]) for leaf in beside.get(near, {}).values())
            if "mode" in leaves and "monitor" not in leaves and "plateau" in about.lower():
                yield alone[0], leaves["mode"]
