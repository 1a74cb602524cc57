import pytest

from advisor.reading import ReadingError, read_bytes

TEXT = """\
# a run
lr = 1e-4
name = "a # b"  # c
"quoted.key" = 'x'
optimizer.betas = [
  0.9,  # first
  0.999,
]
when = 2024-01-31T10:00:00Z

[model]
inline = { rank = 8, "alpha x" = [1, { deep = 2 }] }
text = \"\"\"
lr = 5
\"\"\"

[[runs]]
seed = 1_000
[runs.extra]
a = 1
[[runs]]
seed = 2

[model.head]
dropout = 0.1
"""


def read(text):
    return read_bytes(text.encode(), "x.toml")[0]


def test_values():
    data = read(TEXT).data
    assert data["lr"] == 1e-4
    assert data["quoted.key"] == "x"
    assert data["optimizer"] == {"betas": [0.9, 0.999]}
    assert data["when"] == "2024-01-31T10:00:00+00:00"
    assert data["runs"] == [{"seed": 1000, "extra": {"a": 1}}, {"seed": 2}]


@pytest.mark.parametrize(
    ("key", "line", "column", "raw"),
    [
        (("lr",), 2, 6, "1e-4"),
        (("name",), 3, 8, '"a # b"'),
        (("quoted.key",), 4, 16, "'x'"),
        (("optimizer", "betas"), 5, 19, "[\n  0.9,  # first\n  0.999,\n]"),
        (("optimizer", "betas", 1), 7, 3, "0.999"),
        (("when",), 9, 8, "2024-01-31T10:00:00Z"),
        (("model", "inline", "rank"), 12, 19, "8"),
        (("model", "inline", "alpha x", 1, "deep"), 12, 47, "2"),
        (("model", "text"), 13, 8, '"""\nlr = 5\n"""'),
        (("runs", 0, "seed"), 18, 8, "1_000"),
        (("runs", 0, "extra", "a"), 20, 5, "1"),
        (("runs", 1, "seed"), 22, 8, "2"),
        (("model", "head", "dropout"), 25, 11, "0.1"),
    ],
)
def test_places(key, line, column, raw):
    document = read(TEXT)
    span = document.span(key)
    assert (span.line, span.column, document.raw(key)) == (line, column, raw)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends(end):
    document = read(f"a = 1{end}[b]{end}c = 2{end}")
    assert document.data == {"a": 1, "b": {"c": 2}}
    assert (document.span(("b", "c")).line, document.raw(("b", "c"))) == (3, "2")


def test_numbers_that_are_none_or_absurd_are_told():
    document = read(f"a = nan\nb = [1, -inf]\nc = {'9' * 400}\nd = 'nan'\n")
    assert [(found.kind, found.key, found.span.line) for found in document.irregularities] == [
        ("not-finite", ("a",), 1),
        ("not-finite", ("b", 1), 2),
        ("huge-integer", ("c",), 3),
    ]


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a = 1\na = 2\n", 2, 6, "overwrite"),
        ("a = \n", 1, 5, "Invalid value"),
        ("a: 1\n", 1, 2, "Expected '='"),
        ("[a\n", 1, 3, "Expected ']'"),
        ("a = [1,", 1, 8, "at the end|Invalid value"),
        ("[[[[[" * 100 + "\n", 1, None, ""),
        ("a." * 100_000 + "b = 1", 1, 1, "nested more than 100 levels"),
        ("[" + "a." * 90 + "b]\n" + "c." * 90 + "d = 1", 1, 1, "nested more than 100 levels"),
        ("a = " + "[" * 100_000, 1, 105, "nested more than 100 levels"),
        ("a = 1\nb = " + "9" * 5000, 2, 5, "^an integer of more than 4300 digits$"),
    ],
)
def test_what_is_no_toml_is_said_with_its_place(text, line, column, words):
    with pytest.raises(ReadingError, match=words or None) as error:
        read(text)
    assert error.value.line == line
    assert column is None or error.value.column == column
