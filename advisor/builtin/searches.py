"""Search spaces in configs: impossible ranges, scales that waste trials, budgets that are too thin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from advisor.builtin.common import Case, Hit, each_reading
from advisor.dialects.spaces import Space
from advisor.expressions import format_number
from advisor.parameters import vocabulary

if TYPE_CHECKING:
    from advisor.dialects import Reading
    from advisor.findings import Severity
    from advisor.setup import Setup


def _spaces(setup: Setup) -> Iterator[tuple[Reading, Space]]:
    for _, reading in each_reading(setup):
        if reading.state == "space" and isinstance(reading.value, Space):
            yield reading, reading.value


def impossible_space(case: Case) -> Iterator[Hit]:
    """Search ranges that are empty, or logarithmic over zero, or beyond the hard bounds of what is searched."""
    for reading, space in _spaces(case.setup):
        parameter = vocabulary().parameters[reading.parameter]
        if space.low is None or space.high is None:
            continue
        shown = f"the search range {format_number(space.low)} to {format_number(space.high)} of the {parameter.title}"
        problem = severity = None
        if space.low > space.high:
            problem = f"{shown} is empty: its lower end lies above its upper end"
        elif space.log and space.low <= 0:
            problem = f"{shown} cannot be sampled on a logarithmic scale"
        elif (parameter.low is not None and space.low < parameter.low) or (
            parameter.high is not None and space.high > parameter.high
        ):
            problem, severity = f"{shown} reaches beyond what is possible ({parameter.bounds_text})", "warning"
        if problem:
            yield Hit(
                message=problem,
                parameters=(reading.parameter,),
                reading=reading,
                severity=cast("Severity | None", severity),
                advice="keep the range inside the bounds, its lower end above zero where the scale is logarithmic",
            )


def linear_space(case: Case) -> Iterator[Hit]:
    """Learning rates searched on a linear scale over more than a decade."""
    for reading, space in _spaces(case.setup):
        if reading.parameter not in ("learning_rate", "head_learning_rate", "backbone_learning_rate") or space.log:
            continue
        if space.low is None or space.high is None or space.high <= 0 or space.low < 0:
            continue
        if space.low == 0 or space.high / space.low > 10:
            bounds = f"{format_number(space.low)} to {format_number(space.high)}"
            share = 0.9 if space.low == 0 else (space.high - space.high / 10) / (space.high - space.low)
            yield Hit(
                message=(
                    f"the learning rate is searched evenly from {bounds}: "
                    f"{share:.0%} of the trials fall into the uppermost decade"
                ),
                parameters=(reading.parameter,),
                reading=reading,
                advice="sample it on a logarithmic scale",
            )


def thin_budget(case: Case) -> Iterator[Hit]:
    """Few trials for the number of parameters that are searched."""
    budget = case.scope.value("budget")
    searched = [reading for reading, _ in _spaces(case.setup)]
    if not isinstance(budget, int | float) or isinstance(budget, bool) or budget <= 0 or not searched:
        return
    allowed = 1 if budget < 10 else 2 if budget < 25 else None
    if allowed is not None and len(searched) > allowed:
        first = "the learning rate alone" if allowed == 1 else "the learning rate and beta1"
        yield Hit(
            message=f"{format_number(budget)} trials for {len(searched)} searched parameters are few",
            parameters=("budget", *dict.fromkeys(reading.parameter for reading in searched))[:4],
            reading=case.setup.main.get("budget", searched[0]),
            value=budget,
            advice=f"search {first}, or run more trials",
        )
