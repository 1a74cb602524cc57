import json

import pytest

from advisor.reading import ReadingError, read_bytes


def read(text, name="x.json"):
    return read_bytes(text.encode(), name)[0]


def places(document, *keys):
    return [(span.line, span.column) for span in (document.span(key) for key in keys)]


def test_values_and_places():
    document = read('{\n  "lr": 1e-4,\n  "betas": [0.9, 0.999],\n  "name": "a\\"b"\n}\n')
    assert document.data == {"lr": 1e-4, "betas": [0.9, 0.999], "name": 'a"b'}
    assert places(document, ("lr",), ("betas",), ("betas", 1), ("name",)) == [(2, 9), (3, 12), (3, 18), (4, 11)]
    assert document.raw(("lr",)) == "1e-4"
    assert document.raw(("name",)) == r'"a\"b"'
    assert document.key_span(("lr",)).column == 3
    assert document.irregularities == ()


def test_an_exponent_makes_a_float():
    data = read('{"steps": 1e6, "epochs": 3}').data
    assert data["steps"] == 1e6
    assert isinstance(data["steps"], float)
    assert isinstance(data["epochs"], int)


@pytest.mark.parametrize("name", ["x.json", "x.jsonc"])
def test_comments_and_trailing_commas_are_taken(name):
    document = read('// how to train\n{\n  "lr": 0.1, /* high */\n  # low\n  "steps": [10, 20,],\n}\n', name)
    assert document.data == {"lr": 0.1, "steps": [10, 20]}
    assert places(document, ("lr",), ("steps", 1)) == [(3, 9), (5, 17)]


def test_the_last_of_a_repeated_key_counts_and_the_repetition_is_told():
    document = read('{"o": {"lr": 1,\n "b": 2,\n "lr": 3}}')
    assert document.data == {"o": {"lr": 3, "b": 2}}
    (found,) = document.irregularities
    assert (found.kind, found.key) == ("duplicate-key", ("o", "lr"))
    assert (found.span.line, found.span.column) == (3, 2)
    assert (found.other.line, found.other.column) == (1, 8)
    assert document.raw(("o", "lr")) == "3"


@pytest.mark.parametrize("raw", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_told(raw):
    document = read(f'{{"a": [0, {raw}]}}')
    (found,) = document.irregularities
    assert (found.kind, found.key, found.span.column) == ("not-finite", ("a", 1), 11)


@pytest.mark.parametrize("digits", [20, 400, 5000])
def test_absurd_integers_are_told(digits):
    raw = "9" * digits
    document = read(f'{{"lr": 0.1, "seed": {raw}}}')
    (found,) = document.irregularities
    assert (found.kind, found.key, found.span.column) == ("huge-integer", ("seed",), 21)
    assert document.data["lr"] == 0.1
    assert document.raw(("seed",)) == raw


def test_a_hash_of_twenty_digits_is_no_number():
    assert read('{"sha": "12345678901234567890123"}').irregularities == ()


def test_words_of_a_template_are_references():
    assert read('{"batch": BATCH_SIZE, "bits": QuantW_FORWARD}').data == {
        "batch": "${BATCH_SIZE}",
        "bits": "${QuantW_FORWARD}",
    }


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ('{"lr": 0.1', 1, 11, "end of the text"),
        ('{"lr": 0.1 "b": 2}', 1, 12, "expected a comma"),
        ('{"lr": }', 1, 8, "expected a value, found '}'"),
        ('{"lr" 0.1}', 1, 7, "colon"),
        ("{lr: 0.1}", 1, 2, "key in double quotes"),
        ('{"lr": tru}', 1, 8, "found 'tru'"),
        ('{"lr": 01}', 1, 8, "found '01'"),
        ('{"a": 1}\n{"b": 2}', 2, 1, "after the end"),
        ('{"a": "b\n', 1, 7, "never ends"),
        ("[1,,2]", 1, 4, "expected a value"),
    ],
)
def test_what_is_no_json_is_said_with_its_place(text, line, column, words):
    with pytest.raises(ReadingError, match=words) as error:
        read(text)
    assert (error.value.line, error.value.column) == (line, column)


@pytest.mark.parametrize("opener", ["[", '{"a":', '[{"a":'])
def test_a_hundred_thousand_levels_are_refused(opener):
    with pytest.raises(ReadingError, match="nested more than 100 levels") as error:
        read(opener * 100_000)
    assert error.value.line == 1


def test_brackets_in_texts_do_not_nest():
    value = {"prompt": "[" * 500, "more": ["{" * 300]}
    assert read(json.dumps(value)).data == value


def test_ninety_levels_are_read():
    assert read("[" * 90 + "]" * 90).data


def test_a_scalar_or_list_at_the_top_is_read():
    assert read("3").data == 3
    assert read("[1, 2]").data == [1, 2]
    assert read('"a"').raw(()) == '"a"'
