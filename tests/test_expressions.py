"""The expression language: what it computes, what it refuses, and that it never does anything else."""

from __future__ import annotations

import copy
import math
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor import expressions
from advisor.expressions import UNKNOWN, ExpressionError, MappingScope, format_number, format_value, template
from advisor.expressions.display import MAX_SHOWN
from advisor.expressions.operators import SINGLE_VALUES
from advisor.expressions.values import switched_on

TOO_MANY_WAYS = "the pattern may match in too many ways: it has too many repetitions, choices or optional parts"

SCOPE = MappingScope(
    {
        "lr": 3e-4,
        "optimizer": "adamw_8bit",
        "warmup": 100,
        "total": 1000,
        "milestones": [30, 60, 90],
        "layers": ["conv", "relu", "batchnorm"],
        "nothing": None,
        "nesterov": True,
        "huge": 10**400,
        "odd": float("nan"),
        "table": {"rate": 0.5},
        "words": "1e-4",
        "zero": 0,
    },
    parents={"adamw_8bit": "adamw", "adamw": "adam"},
    keys=frozenset({"n_critic"}),
)


def value(text: str) -> object:
    return expressions.compile(text).evaluate(SCOPE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("warmup < total", True),
        ("1 <= warmup <= 50", False),
        ("0 < lr < absent < 0", UNKNOWN),
        ("0 > lr < absent", False),
        ("optimizer in ('sgd', 'adamw_8bit')", True),
        ("'adam' in optimizer", True),
        ("30 in milestones and 31 not in milestones", True),
        ("3 in (1, absent)", UNKNOWN),
        ("3 in (3, absent)", True),
        ("warmup + total * 2 - 1", 2099),
        ("total // 3 % 7", 333 % 7),
        ("2 ** 10", 1024),
        ("-warmup", -100),
        ("not nesterov", False),
        ("'many' if warmup > 10 else 'few'", "many"),
        ("milestones[0] + milestones[-1]", 120),
        ("table['rate']", 0.5),
        ("milestones == (30, 60, 90)", True),
        ("(absent, 1) == (3, 2)", False),
        ("warmup\n  < total", True),
        ("min(warmup, total, 3)", 3),
        ("max(milestones)", 90),
        ("abs(-3) + sqrt(4) + log2(8) + log10(100)", 10.0),
        ("log(exp(2))", 2.0),
        ("floor(1.5) + ceil(1.5) + round(2.6)", 6),
        ("round(lr * 10, 2)", 0.0),
        ("len(layers) + sum(milestones)", 183),
        ("sorted((3, 1, 2))", [1, 2, 3]),
        ("first(layers) == 'conv' and last(layers) == 'batchnorm'", True),
        ("int(7.9) + float(words)", 7.0001),
        ("lower('SGD')", "sgd"),
        ("startswith(optimizer, ('sgd', 'adam')) and endswith(optimizer, 'bit')", True),
        ("contains(layers, 'relu')", True),
        ("matches(optimizer, '^adamw?_[0-9]bit$')", True),
        ("increasing(milestones) and not decreasing(milestones)", True),
        ("increasing((1, 1))", False),
        ("ratio((0, 2, -50))", 25.0),
        ("product((8, 5, 5))", 200),
        ("gcd((192, 192, 208))", 16),
        ("gcd(224)", 224),
        ("max(7)", 7),
        ("directly_before(layers, 'relu', 'batchnorm')", True),
        ("directly_before(layers, 'conv', 'batchnorm')", False),
        ("divides(8, 64) and not divides(12, 64)", True),
        ("nearest_power_of_two(100)", 128),
        ("numeric(lr) and not numeric(optimizer)", True),
        ("given(lr) and given(nothing) and not given(absent)", True),
        ("known(lr) and not known(absent) and not known(1 / zero)", True),
        ("is_null(nothing) and not is_null(absent)", True),
        ("default(absent, 1) + default(nothing, 1) + default(lr / zero, 1)", 3),
        ("has_key('n_critic') and has_key('lr') and not has_key('x')", True),
        ("switched_on('lr') and not switched_on('nothing') and not switched_on('x')", True),
        ("switched_on('zero')", False),
        ("switched_on('n_critic')", UNKNOWN),
        ("isa(optimizer, 'adam')", True),
        ("isa(optimizer, ('sgd', 'lion'))", False),
        ("isa(absent, 'adam')", UNKNOWN),
    ],
)
def test_values(text: str, expected: object) -> None:
    assert value(text) == (pytest.approx(expected) if isinstance(expected, float) else expected)


@pytest.mark.parametrize(
    "text",
    [
        "nothing",
        "lr + optimizer",
        "nesterov + 1",
        "lr / zero",
        "warmup % zero",
        "0 ** -1",
        "(0 - 8) ** 0.5",
        "2 ** 100000",
        "exp(10000)",
        "huge * 1.5",
        "huge * huge",
        "sqrt(huge)",
        "odd < 1",
        "odd + 1",
        "optimizer < 3",
        "lr < 'a'",
        "milestones < 3",
        "not optimizer",
        "min(lr, optimizer)",
        "max(())",
        "sqrt(-1)",
        "round(lr, lr)",
        "int('many')",
        "milestones[7]",
        "table['absent']",
        "optimizer[0]",
        "ratio((0, 0))",
        "divides(zero, 3)",
        "nearest_power_of_two(zero)",
        "lower(3)",
        "sum((1, absent))",
        "directly_before((1, absent), 1, 2)",
        "1 if absent else 2",
    ],
)
def test_what_cannot_be_computed_is_unknown(text: str) -> None:
    assert value(text) is UNKNOWN


def test_equality_is_between_equal_kinds() -> None:
    assert value("lr == '0.0003'") is False
    assert value("nesterov == 1") is False
    assert value("warmup == 100.0") is True
    assert value("optimizer != 3") is True


STATES = {"True": True, "False": False, "absent": UNKNOWN}


@pytest.mark.parametrize("left", STATES)
@pytest.mark.parametrize("right", STATES)
def test_kleene_logic(left: str, right: str) -> None:
    states = [STATES[left], STATES[right]]
    both = False if False in [s for s in states if s is not UNKNOWN] else UNKNOWN if UNKNOWN in states else True
    either = True if True in [s for s in states if s is not UNKNOWN] else UNKNOWN if UNKNOWN in states else False
    assert value(f"{left} and {right}") is both
    assert value(f"{left} or {right}") is either
    assert value(f"not {left}") is {"True": False, "False": True, "absent": UNKNOWN}[left]
    assert value(f"not ({left} and {right})") is value(f"not {left} or not {right}")


def test_unknown_is_one_object_without_truth() -> None:
    assert repr(UNKNOWN) == "unknown"
    assert copy.deepcopy(UNKNOWN) is UNKNOWN
    assert pickle.loads(pickle.dumps(UNKNOWN)) is UNKNOWN
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(UNKNOWN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("absent > 1 and lr > 0", ("absent",)),
        ("absent > 1 and lr < 0", ()),
        ("(absent > 1 and lr < 0) or other", ("other",)),
        ("absent + other < absent", ("absent", "other")),
        ("absent if lr > 0 else other", ("absent",)),
        ("1 if other else absent", ("other",)),
        ("default(absent, other)", ("absent", "other")),
        ("default(absent, 1)", ()),
        ("known(absent)", ()),
        ("isa(regime, 'finetune')", ("regime",)),
        ("lr / zero", ()),
    ],
)
def test_missing_names_the_cause(text: str, expected: tuple[str, ...]) -> None:
    assert expressions.compile(text).missing(SCOPE) == expected


@pytest.mark.parametrize(
    ("values", "off", "expected"),
    [
        ([], [], False),
        ([None, False, 0, 0.0, "", " None ", "False", "off", [], {}], [], False),
        ([False, True], [], True),
        ([0, 3], [], True),
        ([1], [], True),
        ([1], [1], False),
        (["1"], [1], False),
        ([2], [1], True),
        (["eager"], ["eager"], False),
        (["models/x.pt"], [], True),
        (["${a.b}"], [], UNKNOWN),
        (["auto", 0], [], UNKNOWN),
        (["autoaugment"], [], True),
        ([-1], [], UNKNOWN),
        ([-1, True], [], True),
    ],
)
def test_what_switches_a_key_on(values: list[object], off: list[object], expected: object) -> None:
    assert switched_on(values, off) is expected


def test_names_include_those_of_functions_that_look_at_names() -> None:
    text = "given(a) and isa(b, 'x') and default(c, d) > max(e, 1) or has_key('f')"
    assert expressions.compile(text).names == frozenset("abcde")


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("lr.real", "attribute access is not allowed here", 1),
        ("é or lr.real", "attribute access is not allowed here", 6),
        ("[x for x in y]", "a comprehension is not allowed here", 1),
        ("lambda: 1", "a lambda is not allowed here", 1),
        ("f'{lr}'", "an f-string is not allowed here", 1),
        ("lr[0:1]", "an index must be a whole number or a text", 4),
        ("lr[warmup]", "an index must be a whole number or a text", 4),
        ("1 + open('x')", "there is no function open", 5),
        ("lr.bit_length()", "only the listed functions can be called", 1),
        ("max(lr, key=1)", "arguments cannot be named", 1),
        ("sqrt(1, 2)", "sqrt takes 1 argument", 1),
        ("round(1, 2, 3)", "round takes 1 to 2 arguments", 1),
        ("lr is None", "`is` is not allowed: write == or is_null(x)", 1),
        ("lr == null", "write None", 7),
        ("max > 1", "max is a function: it needs arguments", 1),
        ("given('lr')", "a name is needed here", 7),
        ("has_key(lr)", "a text in quotes is needed here", 9),
        ("switched_on()", "this function takes the key, and then values that also mean off", 1),
        ("switched_on('lr', lr)", "what means off must be written as it is", 1),
        ("lr @ lr", "this operator is not allowed", 1),
        ("1e999", "float literal is not allowed, or too large", 1),
        ("b'x'", "bytes literal is not allowed, or too large", 1),
        ("", "an expression is needed here", 1),
        ("matches(lr, '(a+)+')", "the pattern repeats a group that itself repeats or chooses", 13),
        ("matches(lr, '(a|ab){2,}')", "the pattern repeats a group that itself repeats or chooses", 13),
        ("matches(lr, '(a?){26}b')", "the pattern repeats a group that itself repeats or chooses", 13),
        ("matches(lr, 'a*b*c*')", TOO_MANY_WAYS, 13),
        (f"matches(lr, '{'a?' * 26}')", TOO_MANY_WAYS, 13),
        (f"matches(lr, '{'(a|a)' * 22}')", TOO_MANY_WAYS, 13),
        (r"matches(lr, '(a)\\1')", "the pattern refers back to a group", 13),
    ],
)
def test_refused(text: str, message: str, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        expressions.compile(text)
    assert (caught.value.message, caught.value.column) == (message, column)


@pytest.mark.parametrize(
    "text",
    ["(", "1 +", "'a", "a b", "x = 1", "(" * 500, "not " * 60 + "x", "9" * 5000, "\0", "matches(lr, '(')", "a; b"],
)
def test_refused_somehow(text: str) -> None:
    with pytest.raises(ExpressionError):
        expressions.compile(text)


def test_compiling_is_cached_and_survives_pickling() -> None:
    compiled = expressions.compile("warmup < total")
    assert expressions.compile("warmup < total") is compiled
    assert pickle.loads(pickle.dumps(compiled)) is compiled
    error = pickle.loads(pickle.dumps(ExpressionError("why", 3)))
    assert (error.message, error.column, str(error)) == ("why", 3, "why (column 3)")


def test_a_literal_tuple_costs_no_evaluation_and_no_scope() -> None:
    assert expressions.compile("(1, -2, 'a')").evaluate(MappingScope({})) == (1, -2, "a")


FRAGMENTS = st.sampled_from(
    [
        *"lr optimizer milestones layers table absent nothing huge odd words nesterov zero".split(),
        *("and or not in < <= > >= == != + - * / // % ** ( ) [ ] , if else 0 1 1e308 -3 'a' True None . is".split()),
        *(name + "(" for name in [*SINGLE_VALUES.functions, "given", "known", "isa", "default", "matches"]),
    ]
)
VALUE_TEXTS = st.recursive(
    st.sampled_from(
        ["lr", "optimizer", "milestones", "table", "absent", "huge", "odd", "0", "2.5", "'a'", "True", "None"]
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+ - * / // % ** < == != >= in and or".split()), inner).map(
            lambda parts: f"({' '.join(parts)})"
        ),
        st.tuples(st.sampled_from(sorted(SINGLE_VALUES.functions)), st.lists(inner, min_size=1, max_size=3)).map(
            lambda call: f"{call[0]}({', '.join(call[1])})"
        ),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} if {parts[1]} else {parts[2]})"),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"({', '.join(parts)},)"),
        st.tuples(inner, st.sampled_from(["0", "-1", "'rate'"])).map(lambda parts: f"{parts[0]}[{parts[1]}]"),
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(FRAGMENTS, max_size=12).map(" ".join), VALUE_TEXTS))
def test_hostile_text_is_refused_or_has_a_value(text: str) -> None:
    try:
        compiled = expressions.compile(text)
    except ExpressionError as error:
        assert error.column >= 1
        return
    result = compiled.evaluate(SCOPE)
    assert result is UNKNOWN or isinstance(result, (type(None), bool, int, float, str, list, tuple, dict))
    if result is not UNKNOWN:
        assert compiled.missing(SCOPE) == ()
    assert set(compiled.missing(SCOPE)) <= compiled.names
    assert isinstance(format_value(result), str)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("{}ab+ '1"), max_size=20))
def test_hostile_templates_are_refused_or_rendered(text: str) -> None:
    try:
        message = template(text)
    except ExpressionError:
        return
    assert isinstance(message.render(SCOPE), str)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("warm-up takes {warmup} steps, {round(0.06 * total)}", "warm-up takes 100 steps, 60"),
        ("rate {lr} of {absent}", "rate 3e-4 of ?"),
        ("{{literal}} {milestones} {nesterov} {optimizer}", "{literal} [30, 60, 90] true adamw_8bit"),
        ("{table} {nothing}", "{...} ?"),
        ("", ""),
    ],
)
def test_templates(text: str, expected: str) -> None:
    assert template(text).render(SCOPE) == expected


def test_a_template_says_where_it_is_wrong() -> None:
    with pytest.raises(ExpressionError, match=r"attribute access .* \(column 10\)"):
        template("abc {1 + x.y}")
    with pytest.raises(ExpressionError, match=r"a lone }: write it twice .* \(column 3\)"):
        template("ab} {lr}")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0.00014142, "1.414e-4"),
        (2e-05, "2e-5"),
        (0.1, "0.1"),
        (3e-4, "3e-4"),
        (128, "128"),
        (0.00141421, "1.414e-3"),
        (1000000, "1000000"),
        (0, "0"),
        (-0.5, "-0.5"),
        (0.0125, "0.0125"),
        (33.333333, "33.33"),
        (12345.6, "12346"),
        (0.99995, "0.99995"),
        (7_000_000_000, "7e9"),
        (10**400, "1e400"),
        (float("inf"), "inf"),
    ],
)
def test_format_number(number: float, expected: str) -> None:
    assert format_number(number) == expected


@given(st.one_of(st.floats(-1e300, 1e300), st.integers(-(10**30), 10**30)))
def test_written_numbers_keep_four_digits(number: float) -> None:
    assert math.isclose(float(format_number(number)), number, rel_tol=5.001e-4, abs_tol=5e-324)


def test_values_stay_on_one_line_and_short() -> None:
    assert "\n" not in format_value("a\nb\x1b[31m")
    assert len(format_value("x" * 5000)) == MAX_SHOWN
    assert format_value(list(range(20))) == "[0, 1, 2, 3, 4, 5, 6, 7, ...]"
    assert format_value([[[[1]]]]) == "[[[[...]]]]"
