"""What the integrations of search engines share: judging a trial's config, and a suggestion in a trial's own names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import advisor

__all__ = ["Gate"]


class Gate:
    """Lets a config through, or says why not.

    `facts` are what the configs do not hold (`model`, `dataset_size`, ...), `config` what all of them have in common;
    `fail_on` is the least severity that rejects.
    """

    def __init__(
        self,
        facts: Mapping[str, Any] | None = None,
        *,
        config: Mapping[str, Any] | None = None,
        dialect: str | None = None,
        fail_on: str = "warning",
    ) -> None:
        self.facts = dict(facts or {})
        self.config = dict(config or {})
        self.dialect = dialect
        self.fail_on = fail_on

    def problems(self, config: Mapping[str, Any]) -> tuple[str, ...]:
        """Why `check` rejects a trial's config, a sentence each; empty where it does not."""
        whole = {**self.config, **config}
        report = advisor.check(whole, facts=self.facts, dialect=self.dialect, fail_on=self.fail_on)
        return tuple(f"{finding.code}: {finding.message}" for finding in report.failing())

    def suggestion(self, within: Mapping[str, Any]) -> dict[str, Any]:
        """The suggested value for each name of a search space, inside it.

        `within` maps names as trials use them to choices (a list) or bounds (a pair).  A name that stands for no
        parameter, or about which nothing is documented, is left out.
        """
        names = self._canonical(within)
        if not names:
            return {}
        allowed = {parameter: within[name] for name, parameter in names.items()}
        wanted = list(allowed)
        advice = advisor.suggest(self.config, wanted, allowed, facts=self.facts, dialect=self.dialect)
        found = advice.parameters
        return {name: found[parameter] for name, parameter in names.items() if parameter in found}

    def _canonical(self, within: Mapping[str, Any]) -> dict[str, str]:
        """The parameters that a trial's names stand for, as a check of such a config reads them."""
        example = {name: allowed[0] for name, allowed in within.items()}
        read = advisor.check({**self.config, **example}, facts=self.facts, dialect=self.dialect).files
        by_key = {value.key: parameter for file in read for parameter, value in file.parameters.items()}
        return {name: by_key[name] for name in within if name in by_key}
