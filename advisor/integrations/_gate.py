"""What the integrations of search engines share: judging a trial's config, and a suggestion in a trial's own names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

import advisor

__all__ = ["Gate", "leaves", "mapping"]


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
        whole = {**self.config, **mapping(config)}
        report = advisor.check(whole, facts=self.facts, dialect=self.dialect, fail_on=self.fail_on)
        return tuple(f"{finding.code}: {finding.message}" for finding in report.failing())

    def suggestion(
        self,
        within: Mapping[str, Any],
        config: Mapping[str, Any] | None = None,
        keys: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The suggested value for each name of a search space, inside it.

        `within` maps names as trials use them to choices (a list) or bounds (a pair).  `config` is the config of such a
        trial and `keys` where in it each value stands, for spaces whose names are not those of the config.  A name that
        stands for no parameter, or about which nothing is documented, is left out.
        """
        keys = {name: name for name in within} if keys is None else keys
        example = {name: allowed[0] for name, allowed in within.items()} if config is None else mapping(config)
        names = self._canonical(keys, example)
        if not names:
            return {}
        given = {**self.config, **_without(example, {keys[name] for name in within if name in keys})}
        allowed = {parameter: within[name] for name, parameter in names.items()}
        advice = advisor.suggest(given, list(allowed), allowed, facts=self.facts, dialect=self.dialect)
        found = advice.parameters
        return {name: found[parameter] for name, parameter in names.items() if parameter in found}

    def _canonical(self, keys: Mapping[str, str], example: Mapping[str, Any]) -> dict[str, str]:
        """The parameters that a trial's names stand for, as a check of its config reads them."""
        read = advisor.check({**self.config, **example}, facts=self.facts, dialect=self.dialect).files
        by_key = {value.key: parameter for file in read for parameter, value in file.parameters.items()}
        return {name: by_key[key] for name, key in keys.items() if key in by_key}


def mapping(config: Any) -> Mapping[str, Any]:
    """A trial's config; raises `advisor.CallError` where it is none, as of a function that forgot to return it."""
    if not isinstance(config, Mapping):
        raise advisor.CallError(f"the config of a trial is a mapping of keys to values, not {config!r}")
    return config


def leaves(config: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in nested mappings, with its key path."""
    if isinstance(config, Mapping):
        for key, value in config.items():
            yield from leaves(value, f"{above}.{key}" if above else str(key))
    else:
        yield above, config


def _without(config: Mapping[str, Any], keys: Set[str], above: str = "") -> dict[str, Any]:
    """A config without the values at some key paths."""
    out: dict[str, Any] = {}
    for key, value in config.items():
        path = f"{above}.{key}" if above else str(key)
        if path not in keys:
            out[key] = _without(value, keys, path) if isinstance(value, Mapping) else value
    return out
