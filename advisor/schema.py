"""The shape of the TOML packs, guarded by pydantic.

Imported only where a pack is built or a user's own pack is read: a check on the hot path uses the validated
bundle and never loads this module.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from advisor import expressions
from advisor.expressions.regexes import pattern_problem

Severity = Literal["error", "warning", "note"]
Scalar = bool | int | float | str


class Strict(BaseModel):
    """Unknown keys are mistakes: they would be silently without effect."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


def _compiles(text: str | None) -> str | None:
    if text is not None:
        expressions.compile(text)
    return text


def _searches(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as problem:
        raise ValueError(f"no regular expression: {problem}") from None
    return pattern


def _renders(text: str) -> str:
    expressions.template(text)
    return text


#: A regular expression of a built-in table.
Pattern = Annotated[str, AfterValidator(_searches)]


class Alias(Strict):
    """One spelling of a parameter, with the conditions under which it means that parameter."""

    key: str
    under: Pattern | None = None
    not_under: Pattern | None = None
    value: str | None = None
    where: str | None = None
    convert: str | None = None
    index: int | None = None
    group: str | None = None
    also: bool = False

    _expressions = field_validator("value", "where", "convert")(_compiles)


class Parameter(Strict):
    """A canonical parameter."""

    title: str
    kind: Literal["number", "integer", "boolean", "text", "choice", "list"]
    description: str
    scale: Literal["log", "linear", "integer"] = "linear"
    unit: str = ""
    low: float | None = None
    low_open: bool = False
    high: float | None = None
    high_open: bool = False
    averaged: bool = False  # a program may tell it as a mean over layers
    category: str
    margin: float = Field(default=0.1, gt=0)
    importance: int = Field(default=5, ge=1, le=9)
    off: list[Scalar] = []
    off_unknown: list[Scalar] = []  # switches it off in programs that nobody knows, invalid in those that are
    unset: list[Scalar] = []
    closed: bool = False  # a fact told of it is one of its named values
    aliases: list[str | Alias] = []


class Choice(Strict):
    """A named value of a choice parameter; `facts` such as `adaptive` are what rules may ask of it."""

    model_config = ConfigDict(extra="allow")
    title: str = ""
    aliases: list[str] = []
    parent: str | None = None


class Derived(Strict):
    """A quantity computed from parameters; the first formula that can be computed wins."""

    title: str = ""
    unit: str = ""
    formulas: list[str]
    description: str = ""
    shown: bool = True  # False for what only rules use

    @field_validator("formulas")
    @classmethod
    def _formulas(cls, value: list[str]) -> list[str]:
        for formula in value:
            expressions.compile(formula)
        return value


class Recognise(Strict):
    """What tells that a file belongs to a dialect: weights add up, 1.0 recognises."""

    keys: dict[str, float] = {}
    values: dict[str, tuple[str, float]] = {}
    filename: dict[str, float] = {}
    format: list[str] = []
    against: dict[str, float] = {}

    @field_validator("values")
    @classmethod
    def _patterns(cls, values: dict[str, tuple[str, float]]) -> dict[str, tuple[str, float]]:
        for pattern, _ in values.values():
            problem = pattern_problem(pattern)
            if problem is not None:
                raise ValueError(f"{problem}: {pattern}")
        return values


class KeyMeaning(Strict):
    """What a dialect's key stands for; an empty parameter says that it is none."""

    parameter: str = ""
    convert: str | None = None
    where: str | None = None
    value: str | None = None
    index: int | None = None
    group: str | None = None

    _expressions = field_validator("value", "where", "convert")(_compiles)


class FactRow(Strict):
    """A fact that holds for a dialect's files, where `where` (an expression) is true."""

    value: Any
    where: str | None = None

    _expressions = field_validator("where")(_compiles)


class Known(Strict):
    """The keys that a trainer knows, for misspelt ones: those `at` a place, and those of further `sections`."""

    closed: bool = False
    at: str = ""
    keys: list[str] = []
    sections: dict[str, list[str]] = {}


class Renamed(Strict):
    """A key renamed or removed by a version of the library."""

    to: str | None = None
    since: str = ""
    removed: str = ""
    note: str = ""


class WriteKey(Strict):
    """How a trainer's file says a parameter.

    `key` is where (`optimizer.params.lr`; empty where the trainer's file cannot say it, and `says` tells why); `values`
    spells named values, and one that it does not name cannot be said; `convert` computes what is written from `value`
    and any other parameter; `also` is written beside it.
    """

    key: str = ""
    values: dict[str, Scalar | None] = {}
    convert: str | None = None
    where: str | None = None
    also: dict[str, Any] = {}
    says: str = ""

    _expressions = field_validator("convert", "where")(_compiles)

    @model_validator(mode="after")
    def _says_why(self) -> WriteKey:
        if not self.key and not self.says:
            raise ValueError("a parameter that has no key needs `says`: why it cannot be written")
        return self


class Runs(Strict):
    """Several runs in a file: every child of the pattern `each` is a run.

    `base` names the child that holds what all of them share (`default`, `Base`): each run is read over it.
    """

    each: str | None = None
    base: str | None = None


class Dialect(Strict):
    """How one trainer writes a config."""

    name: str
    title: str = ""
    homepage: str = ""
    parent: str | None = None
    yaml_numbers: Literal["convert", "text", "unknown"] = "unknown"
    library: str | None = None
    recognise: Recognise = Recognise()
    keys: dict[str, str | KeyMeaning | list[KeyMeaning]] = {}
    unset: dict[str, list[Any]] = {}
    defaults: dict[str, Any] = {}
    facts: dict[str, Scalar | FactRow | list[FactRow]] = {}
    known: Known = Known()
    renamed: dict[str, str | Renamed] = {}
    runs: Runs = Runs()
    write: dict[str, str | WriteKey | list[WriteKey]] = {}
    notes: str = ""


class Value(Strict):
    """A name in a hierarchy of context values; other spellings of it are compared by their letters and digits alone."""

    parent: str | None = None
    title: str = ""
    aliases: list[str] = []


class Evidence(Strict):
    """What in a config tells its context."""

    where: str
    gives: dict[str, Scalar]
    strength: Literal["strong", "weak"] = "strong"
    shown: list[str] = Field(alias="from", min_length=1)  # names of which one must be there for `where` to be true

    _expressions = field_validator("where")(_compiles)


class Model(Strict):
    """What a model's name tells."""

    match: Pattern
    family: str | None = None
    domain: str | None = None
    task: str | None = None
    regime: str | None = None
    adapter: str | None = None
    facts: dict[str, Scalar] = {}
    sizes: dict[str, float] = {}
    heads: list[tuple[float, int]] = []


class Task(Strict):
    """What free text about the task tells."""

    match: Pattern
    gives: dict[str, Scalar]


class Row(Strict):
    """A recommended range and the context in which it holds."""

    when: dict[str, Any] = {}
    where: str | None = None
    low: float | None = None
    typical: float | str | None = None
    high: float | None = None
    reference: str | None = None
    basis: Literal["published-range", "several-sources", "value-with-band", "published-value"] = "published-range"
    confidence: Literal["A", "B", "C"] = "A"
    textbook: bool = False
    warn_above: float | None = None
    warn_below: float | None = None
    severity: Severity | None = None
    source: str | list[str]
    note: str = ""

    _expressions = field_validator("where", "reference")(_compiles)

    @model_validator(mode="after")
    def _ordered(self) -> Row:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low {self.low} is above high {self.high}")
        return self


class Grade(Strict):
    """A severity for the findings of a rule where `where` holds."""

    where: str
    severity: Severity

    _expressions = field_validator("where")(_compiles)


class Example(Strict):
    """A config, in canonical names and facts, on which a rule must or must not speak."""

    config: dict[str, Any]
    severity: Severity | None = None
    profile: Literal["auto", "textbook"] = "auto"
    note: str = ""


class Rule(Strict):
    """A documented recommendation."""

    code: str = Field(pattern=r"^[A-Z]{2,4}\d{3}$")
    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    summary: str
    why: str
    severity: Severity
    preview: bool = False
    builtin: str | None = None
    parameter: str | None = None
    range: list[Row] = []
    one_of: list[Scalar] = []
    when: dict[str, Any] = {}
    where: str | None = None
    require: str | None = None
    blame: list[str] = []
    message: str = ""
    advice: str = ""
    relation: str = ""
    fix: dict[str, str] = {}
    fix_safety: Literal["safe", "unsafe"] = "unsafe"
    suppressed_by: list[str] = []
    grade: list[Grade] = []
    source: str | list[str] = []
    confidence: Literal["A", "B", "C"] = "A"
    good: list[Example] = []
    bad: list[Example] = []
    notes: str = ""

    _expressions = field_validator("where", "require")(_compiles)
    _templates = field_validator("message", "advice")(_renders)

    @model_validator(mode="after")
    def _one_kind(self) -> Rule:
        kinds = [bool(self.builtin), bool(self.range), bool(self.require)]
        if sum(kinds) != 1:
            raise ValueError(f"{self.code} must have exactly one of `builtin`, `range` rows, `require`")
        if self.range and not self.parameter:
            raise ValueError(f"{self.code} has ranges but no `parameter`")
        if self.require and not self.blame:
            raise ValueError(f"{self.code} has a relation but blames nothing")
        for formula in self.fix.values():
            expressions.compile(formula)
        return self


class Source(Strict):
    """A citation."""

    cite: str
    title: str = ""
    authors: str = ""
    year: int | str | None = None
    url: str = ""
    arxiv: str = ""
    verified: bool = False
    note: str = ""


class TopicSection(Strict):
    """A part of a topic under a heading of its own."""

    title: str
    text: str


class Topic(Strict):
    """Guidance that is no rule: what `explain` tells under its name."""

    title: str
    text: str
    also: list[str] = []
    source: str | list[str]
    see: list[str] = []
    section: list[TopicSection] = []


class TopicFile(Strict):
    """The file of topics."""

    topic: dict[str, Topic] = {}


class RuleFile(Strict):
    """A file of rules."""

    rule: list[Rule] = []


class Excluded(Strict):
    """Ancestors (a regular expression over `a.b.c`) under which keys are not parameters of training.

    Holds for `parameters` (all when empty) but not for those in `unless`.
    """

    under: Pattern
    parameters: list[str] = []
    unless: list[str] = []
    note: str = ""


class VocabularyFile(Strict):
    """A file of the vocabulary."""

    parameter: dict[str, Parameter] = {}
    choice: dict[str, dict[str, Choice]] = {}
    derived: dict[str, Derived] = {}
    excluded: list[Excluded] = []
    transparent: list[str] = []


class ContextFile(Strict):
    """A file of context knowledge."""

    value: dict[str, dict[str, Value]] = {}
    evidence: list[Evidence] = []
    model: list[Model] = []
    task: list[Task] = []
