"""Which dimensions there are: what is worth a trial in a setup, and what depends on a choice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from advisor import context as contexts
from advisor import expressions, packs, rules
from advisor.dialects import Dialect
from advisor.findings import CallError
from advisor.parameters import Parameter, vocabulary
from advisor.setup import Scope, Setup
from advisor.space.bounds import numeric
from advisor.space.dimensions import Aside, Dimension
from advisor.space.knowledge import knowledge, reason
from advisor.suggest import Advice, Explanation, advise

__all__ = ["Finder", "Found", "named"]


#: Categories of facts about the run, which no search sets.
_FACTS: Final = frozenset({"data", "control", "model"})


@dataclass
class Found:
    """Advice, and what of it is tuned or stays as advised; `own` is what the config gives of what may be tuned."""

    advice: Advice
    dimensions: list[Dimension] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)
    own: Mapping[str, Any] = field(default_factory=dict)
    scope: expressions.Scope = field(default_factory=lambda: expressions.MappingScope({}))

    def value(self, name: str, lowest: Mapping[str, float]) -> Any:
        """The value that a parameter has in every trial: the recommendation, or what suffices wherever others lie."""
        formula = (reason(name, self.scope) or {}).get("value")
        over = _Lowest(self.scope, lowest)
        found = expressions.UNKNOWN if formula is None else expressions.compile(formula).evaluate(over)
        return self.advice.parameters[name] if found is expressions.UNKNOWN else found


class _Lowest(expressions.Over):
    """A setup in which everything is as advised, with `lowest_X` for the lower end of each X that is tuned."""

    def __init__(self, scope: expressions.Scope, lowest: Mapping[str, float]) -> None:
        self.scope = scope
        self.lowest = {f"lowest_{name}": low for name, low in lowest.items()}

    def value(self, name: str) -> Any:
        """The lower end of what is tuned, else what the setup has."""
        return self.lowest[name] if name in self.lowest else self.scope.value(name)


class Finder:
    """Finds the dimensions of a setup, with those that depend on a choice once for each of its values."""

    def __init__(
        self, setup: Setup, want: Sequence[str] | None, within: Mapping[str, Any], without: Iterable[str] = ()
    ) -> None:
        self.want = want
        self.without = frozenset(without)
        main = {name: reading for name, reading in setup.main.items() if name not in self.without}
        setup = replace(setup, main=main, facts={k: v for k, v in setup.facts.items() if k not in self.without})
        self.within = dict(within)
        self.given = {name: reading.value for name, reading in setup.main.items() if reading.known}
        self.setup = self._unbound(setup)

    def _unbound(self, setup: Setup) -> Setup:
        """The setup with its context told, and without the numbers that are to be tuned.

        What the trainer takes where the config says nothing is no choice of anybody's, and so no bound either.
        """
        context = contexts.detect(setup, Scope(setup))
        told = {key: fact.value for key, fact in context.facts.items() if key != "dialect" and contexts.telling(key)}
        undecided = Dialect({**setup.dialect.data, "defaults": {}})
        kept = replace(setup, dialect=undecided, facts={**told, **setup.facts})
        kind = advise(kept).kind
        names = self.want if self.want is not None else _belonging(kind)
        loose = {name for name in names if name in setup.main and name not in setup.facts and self._loosened(name)}
        self.own = {name: value for name, value in self.given.items() if name in loose}
        main = {name: reading for name, reading in kept.main.items() if name not in loose}
        return replace(kept, main=main, facts={k: v for k, v in kept.facts.items() if k not in loose or k in told})

    def _loosened(self, name: str) -> bool:
        """Whether a value that the config gives is one to tune: asked for, or a number worth it."""
        if self.want is not None or name in self.within:
            return True
        return vocabulary().parameters[name].numeric and name not in knowledge()["aside"]

    def find(self) -> Found:
        """The dimensions; raises `CallError` where there is nothing to tune."""
        found = self.plain(self.setup)
        branch = next((d for d in found.dimensions if self._branches(d)), None)
        if branch is not None:
            found.dimensions = self._branched(found, branch)
        if not found.dimensions and not found.aside:
            raise CallError("nothing here has a documented range to search; name parameters with --want or --within")
        return found

    def _branches(self, dimension: Dimension) -> bool:
        texts = all(isinstance(choice, str) for choice in dimension.choices)
        return dimension.kind == "choice" and texts and len(dimension.choices) <= knowledge()["plan"]["most_branches"]

    def plain(self, setup: Setup) -> Found:
        """The dimensions of a setup whose choices are all made."""
        advice = advise(setup, self._names(setup), self._narrowed())
        possible = {name: value for name, value in advice.parameters.items() if name not in self.without}
        scope = _decided(setup, replace(advice, parameters=possible))
        effective = {name: value for name, value in possible.items() if rules.has_effect(name, scope)}
        found = Found(replace(advice, parameters=effective), own=self.own, scope=scope)
        for order, name in enumerate(effective):
            made = self._made(name, advice.explanations[name], scope)
            if isinstance(made, Aside):
                found.aside.append(made)
            elif made is not None:
                found.dimensions.append(replace(made, importance=made.importance * 100 + order))
        found.dimensions.sort(key=lambda dimension: dimension.importance)
        found.dimensions = [replace(made, importance=made.importance // 100) for made in found.dimensions]
        return found

    def _names(self, setup: Setup) -> list[str] | None:
        """What advice is needed about: what belongs to the run, what is wanted, what has bounds of its own."""
        if self.want is None and not self.within:
            return None
        belonging = [name for name in _belonging(advise(setup).kind) if name not in setup.main]
        return list(dict.fromkeys([*(self.want or ()), *self.within, *belonging]))

    def _narrowed(self) -> dict[str, Any]:
        return {name: allowed for name, allowed in self.within.items() if name in vocabulary().parameters}

    def _made(self, name: str, told: Explanation, scope: Scope) -> Dimension | Aside | None:
        """A dimension, or why there is none; None for what was given and is no matter of the search."""
        asked = name in (self.want or ()) or name in self.within
        parameter = vocabulary().parameters[name]
        if told.confidence == "given" and not asked:
            return None
        aside = reason(name, scope)
        if not asked and aside is not None:
            return Aside(name, told.value, aside["why"], rules.cite(aside["source"]))
        if not asked and (self.want is not None or parameter.category in _FACTS):
            return Aside(name, told.value, "not asked for" if self.want is not None else "a fact of the run")
        made = self._dimension(parameter, told, asked=asked)
        if made is None:
            why = "a choice: compare others by naming it" if not parameter.numeric else "documented as this one value"
            return Aside(name, told.value, why)
        importance, ranked = _importance(parameter, scope)
        return replace(made, start=self._start(made), importance=importance, ranked=ranked)

    def _start(self, made: Dimension) -> Any:
        """The config's own value where it lies in the dimension, else the recommendation."""
        given = self.given.get(made.parameter)
        return given if made.holds(given) else made.start

    def _dimension(self, parameter: Parameter, told: Explanation, *, asked: bool) -> Dimension | None:
        allowed = self.within.get(parameter.name)
        listed = allowed if isinstance(allowed, list) else None
        if listed is None and not parameter.numeric and asked:
            row = knowledge()["dimension"].get(parameter.name, {})
            listed = _others(parameter.name, told.value, row.get("choices", ()))
        base = Dimension(
            parameter.name,
            parameter.name,
            parameter.name,
            "choice",
            told.value,
            why=told.why,
            context=told.context,
            sources=told.sources,
        )
        if listed is not None:
            return replace(base, choices=tuple(listed)) if len(listed) > 1 else None
        if not parameter.numeric or not isinstance(told.value, int | float) or isinstance(told.value, bool):
            return None
        ends = allowed if isinstance(allowed, tuple) else None
        return numeric(base, parameter, told, ends)

    def _branched(self, found: Found, branch: Dimension) -> list[Dimension]:
        """The dimensions where a choice is open: those that differ with it stand once below each of its values."""
        by_choice = {choice: self._given_choice(branch, choice) for choice in branch.choices}
        order = [d.parameter for d in found.dimensions]
        order += [d.parameter for made in by_choice.values() for d in made.dimensions]
        order += [name for made in by_choice.values() for name in made.advice.parameters]
        out: list[Dimension] = [branch]
        for name in dict.fromkeys(order):
            if name != branch.parameter:
                out += _variants(branch, {choice: _of(made, name) for choice, made in by_choice.items()})
        tuned = {dimension.parameter for dimension in out}
        found.aside = [aside for aside in found.aside if aside.name not in tuned]
        return out

    def _given_choice(self, branch: Dimension, choice: Any) -> Found:
        setup = replace(self.setup, facts={**self.setup.facts, branch.parameter: choice})
        inner = Finder.__new__(Finder)
        inner.setup, inner.given, inner.own = setup, self.given, self.own
        inner.without = self.without
        inner.want = None if self.want is None else [name for name in self.want if name != branch.parameter]
        inner.within = {name: allowed for name, allowed in self.within.items() if name != branch.parameter}
        return inner.plain(setup)


def _decided(setup: Setup, advice: Advice) -> Scope:
    """What expressions see of a setup in which everything is as advised."""
    filled = replace(setup, facts={**setup.facts, **advice.assumed, **advice.parameters})
    scope = Scope(filled)
    contexts.detect(filled, scope)
    return scope


def _importance(parameter: Parameter, scope: Scope) -> tuple[int, tuple[str, ...]]:
    """How early a parameter is tuned in such a run, and who says so where that is not the same in all of them."""
    for row in knowledge()["importance"]:
        if parameter.name in row["rank"] and expressions.compile(row["where"]).evaluate(scope) is True:
            return row["rank"][parameter.name], rules.cite(row["source"])
    return parameter.importance, ()


def _belonging(kind: str) -> list[str]:
    """What is proposed for a kind of run, of the vocabulary's parameters."""
    names = packs.bundle()["other"]["suggest"]["kind"][kind]["parameters"]
    return [name for name in names if name in vocabulary().parameters]


def _others(name: str, value: Any, choices: Iterable[Any]) -> list[Any]:
    """A recommended choice and the usual others, without those that are a kind of it or it of them."""
    words = vocabulary()

    def akin(one: Any, other: Any) -> bool:
        return isinstance(one, str) and isinstance(other, str) and other in words.ancestors(name, one)

    return [value, *(other for other in choices if not akin(value, other) and not akin(other, value))]


def _of(found: Found, name: str) -> Dimension | None:
    """The dimension of a parameter, or the one value that it has there; None where it has no effect."""
    tuned = next((d for d in found.dimensions if d.parameter == name), None)
    if tuned is not None or not any(aside.name == name for aside in found.aside):
        return tuned
    value = found.own.get(name, found.advice.parameters[name])
    importance = vocabulary().parameters[name].importance
    return Dimension(name, name, name, "choice", value, choices=(value,), importance=importance)


def _variants(branch: Dimension, by_choice: Mapping[Any, Dimension | None]) -> Iterator[Dimension]:
    """One dimension where it is the same for every choice, else one for each choice that has it.

    What has one and the same value for every choice is none.
    """
    there = [made for made in by_choice.values() if made is not None]
    same = {(made.kind, made.low, made.high, made.log, made.choices) for made in there}
    if len(same) == 1 and len(there) == len(by_choice):
        yield from [made for made in there[:1] if made.most_steps > 1]
        return
    for choice, made in by_choice.items():
        if made is not None:
            yield replace(made, name=f"{made.name}_{choice}", under=(branch.name, choice))


def named(found: Found, names: Mapping[str, str]) -> Found:
    """What a trainer has keys for; the rest is put aside."""
    tuned = [dimension for dimension in found.dimensions if dimension.parameter in names]
    lost = dict.fromkeys(one.parameter for one in found.dimensions if one.parameter not in names)
    aside = [Aside(name, found.advice.parameters.get(name), "there is no key for it") for name in lost]
    parameters = {name: value for name, value in found.advice.parameters.items() if name in names}
    known = [one for one in found.aside if one.name in names]
    return replace(found, advice=replace(found.advice, parameters=parameters), dimensions=tuned, aside=[*aside, *known])
