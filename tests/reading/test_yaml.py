import math

import pytest

from advisor.reading import ReadingError, read_bytes


def read_all(text):
    return read_bytes(text.encode(), "x.yaml")


def read(text):
    (document,) = read_all(text)
    return document


def test_values_and_places():
    document = read("optimizer:\n  name: adamw  # fused\n  lr: 5e-5\n  betas: [0.9, 0.999]\nsteps:\n- 1\n- 2\n")
    assert document.data == {
        "optimizer": {"name": "adamw", "lr": "5e-5", "betas": [0.9, 0.999]},
        "steps": [1, 2],
    }
    span = document.span(("optimizer", "lr"))
    assert (span.line, span.column, span.end_line, span.end_column) == (3, 7, 3, 11)
    assert document.raw(("optimizer", "lr")) == "5e-5"
    assert document.raw(("optimizer", "betas")) == "[0.9, 0.999]"
    assert document.raw(("steps",)) == "- 1\n- 2"
    assert document.key_span(("steps",)).line == 5


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1e-4", "1e-4"), ("1.0e-4", 1e-4), ("1.e-4", 1e-4), ("1.0e5", "1.0e5"), ("1.0e+5", 1e5), (".5", 0.5),
        ("5.", 5.0), ("1_000", 1000), ("0x10", 16), ("012", 10), ("0o12", "0o12"), ("0b11", 3), ("on", True),
        ("off", False), ("yes", True), ("No", False), ("y", "y"), ("~", None), ("null", None), ("", None),
        ("12:30", 750), ("1:30.5", 90.5), ("2024-01-31", "2024-01-31"), ("'1'", "1"), ('"a\\tb"', "a\tb"), ("-7", -7),
        ("+1", 1), ("=", "="), ("089", "089"), ("1,000", "1,000"), ("10%", "10%"),
    ],
)  # fmt: skip
def test_plain_scalars_are_what_yaml_1_1_makes_of_them(raw, value):
    data = read(f"a: {raw}\n").data["a"]
    assert data == value
    assert type(data) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!!float 1e6", 1e6),
        ("!!int '3'", 3),
        ("!!str 5", "5"),
        ("!!python/tuple [0.9, 0.99]", [0.9, 0.99]),
        ("!!python/name:torch.nn.ReLU ''", "torch.nn.ReLU"),
        ("!!python/object:argparse.Namespace {lr: 0.1}", {"lr": 0.1, "__tag__": "!!python/object:argparse.Namespace"}),
        ("!new:torch.optim.Adam {lr: 0.1}", {"lr": 0.1, "__tag__": "!new:torch.optim.Adam"}),
        ("!name:torch.optim.Adam", {"__tag__": "!name:torch.optim.Adam"}),
        ("!ref <lr>", "${lr}"),
        ("!ref <lr> * 0.5", "${!ref <lr> * 0.5}"),
        ("!include other.yaml", "${!include other.yaml}"),
        ("! 12", 12),
        ("!!float abc", "abc"),
    ],
)
def test_tags_are_data(text, value):
    assert read(f"a: {text}\n").data == {"a": value}


def test_aliases_and_merges():
    document = read(
        "base: &base\n  lr: 1e-3\n  wd: 0.1\nrun:\n  <<: *base\n  wd: 0.2\nboth:\n"
        "  <<: [{a: 1}, {a: 2, b: 3}]\nagain: *base\n"
    )
    assert document.data["run"] == {"lr": "1e-3", "wd": 0.2}
    assert document.data["both"] == {"a": 1, "b": 3}
    assert document.data["again"] == {"lr": "1e-3", "wd": 0.1}
    assert document.span(("run", "lr")).line == 2
    assert document.span(("run", "wd")).line == 6
    assert document.raw(("again", "wd")) == "0.1"


def test_a_merge_key_in_quotes_is_a_key():
    assert read('"<<": {a: 1}\n').data == {"<<": {"a": 1}}


def test_the_last_of_a_repeated_key_counts_and_the_repetition_is_told():
    document = read("a:\n- lr: 1\n  b: 2\n  lr: 3\n")
    assert document.data == {"a": [{"lr": 3, "b": 2}]}
    (found,) = document.irregularities
    assert (found.kind, found.key) == ("duplicate-key", ("a", 0, "lr"))
    assert (found.span.line, found.other.line) == (4, 2)


def test_numbers_that_are_none_are_told():
    document = read("a: .nan\nb: [1, -.inf]\nc: '.nan'\nd: 1.0e+999\n")
    assert math.isnan(document.data["a"])
    assert [(found.kind, found.key) for found in document.irregularities] == [
        ("not-finite", ("a",)),
        ("not-finite", ("b", 1)),
        ("not-finite", ("d",)),
    ]


@pytest.mark.parametrize("digits", [20, 400, 5000])
def test_absurd_integers_are_told(digits):
    document = read(f"lr: 0.1\nseed: {'9' * digits}\n")
    (found,) = document.irregularities
    assert (found.kind, found.key, found.span.line) == ("huge-integer", ("seed",), 2)


def test_keys_are_text():
    document = read("1: a\ntrue: b\non: c\n~: d\n[x, y]: e\n? {k: 1}\n: f\n")
    assert list(document.data) == ["1", "true", "on", "~", "[x, y]", "{k: 1}"]
    assert document.raw(("[x, y]",)) == "e"


def test_several_documents():
    first, second = read_all("a: 1\n---\n# nothing\n---\nb: 2\nb: 3\n")
    assert (first.data, first.index) == ({"a": 1}, 0)
    assert (second.data, second.index) == ({"b": 3}, 1)
    assert second.span(("b",)).line == 6
    assert second.irregularities[0].span.line == 6


def test_comments_alone_hold_nothing():
    assert read("# a: 1\n").data is None


def test_json_in_a_yaml_file():
    document = read('{\n  "lr": 1e-4, # c\n  "o": {"type": "Adam"}\n}\n')
    assert document.data == {"lr": "1e-4", "o": {"type": "Adam"}}
    assert document.span(("o", "type")).line == 3


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: b: c\n", 1, 5, "mapping values"),
        ("a:\n\tb: 1\n", 2, 1, "tab"),
        ("a: [1, 2\n", 2, 1, "expected"),
        ("a: 'b\n", 2, 1, "quoted scalar"),
        ("a: 1\n b: 2\n", 2, 3, "mapping values"),
        ("a: *b\n", 1, 4, "no anchor '&b'"),
        ("a: &x 1\nb: &x 2\n", 2, 4, "defined twice"),
        ("a: x\x07\n", 1, 5, "control character"),
        ("a: `b`\n", 1, 4, "cannot start"),
    ],
)
def test_what_is_no_yaml_is_said_with_its_place(text, line, column, words):
    with pytest.raises(ReadingError, match=words) as error:
        read(text)
    assert error.value.message.startswith("not valid YAML")
    assert (error.value.line, error.value.column) == (line, column)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 100_000,
        "- " * 100_000 + "x",
        "\n".join(" " * depth + "a:" for depth in range(2_000)),
        "? " * 100_000 + "x",
    ],
)
def test_a_hundred_thousand_levels_are_refused(text):
    with pytest.raises(ReadingError, match="nested more than 100 levels"):
        read(text)


def test_an_alias_bomb_is_refused():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(ReadingError, match="aliases stand for more than") as error:
        read("\n".join(lines))
    assert error.value.line == 5


def test_an_alias_of_itself_becomes_a_text_and_is_told():
    document = read("a: &a\n  b: 1\n  c: *a\n")
    assert document.data == {"a": {"b": 1, "c": "*a"}}
    (found,) = document.irregularities
    assert (found.kind, found.key, found.span.line) == ("recursive-alias", ("a", "c"), 3)
    assert document.span(("a", "b")).line == 2


def test_a_merge_of_itself_is_no_hang():
    assert read("a: &a\n  <<: *a\n  b: 1\n").data["a"]["b"] == 1
