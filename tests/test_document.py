import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.document import Document, Lines, Span, format_key, parse_key, walk
from advisor.reading import read_bytes


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("a", "b", 0, "c"), "a.b[0].c"),
        (("a", "b.c", "d"), 'a["b.c"].d'),
        (("x[0]",), '["x[0]"]'),
        (('say "hi"',), r'["say \"hi\""]'),
        ((2, "lr"), "[2].lr"),
        (("learning rate",), "learning rate"),
        (("trailing ",), '["trailing "]'),
        (("",), '[""]'),
        (("0", 0), "0[0]"),
        (("@optimizers",), "@optimizers"),
        ((), ""),
    ],
)
def test_key_paths_are_written_as_a_user_reads_them(path, text):
    assert format_key(path) == text
    assert parse_key(text) == path


@given(st.lists(st.text() | st.integers(0, 99)).map(tuple))
def test_every_key_path_survives_being_written(path):
    assert parse_key(format_key(path)) == path


@pytest.mark.parametrize("text", [".a", "a..b", "a[", "a[x]", "a]b", 'a["b]', "a[0]b", '"a"'])
def test_what_is_no_key_path_is_refused(text):
    with pytest.raises(ValueError, match="not a key path"):
        parse_key(text)


def test_lines_end_with_any_of_the_three_line_ends():
    lines = Lines("a\nb\r\nc\rd")
    assert [lines.at(offset) for offset in (0, 2, 5, 7)] == [(1, 1), (2, 1), (3, 1), (4, 1)]
    assert lines.offset(3, 1) == 5


def test_columns_count_code_points():
    document = read_bytes('{"é𝄞": 1, "b": 2}'.encode(), "x.json")[0]
    assert document.span(("b",)) == Span(1, 16, 1, 17, 15, 16)


def test_values_are_reached_by_path():
    document = Document("x", "object", {"a": [{"b": 1}]})
    assert document.get(("a", 0, "b")) == 1
    assert document.get(("a", 1, "b"), "none") == "none"
    assert document.get(("a", "b")) is None


def test_an_object_has_no_places():
    document = Document("x", "object", {"a": 1})
    assert document.span(("a",)) is None
    assert document.key_span(("a",)) is None
    assert document.raw(("a",)) is None


def test_places_are_worked_out_only_when_asked():
    def locate():
        raise AssertionError("nobody asked")

    document = Document("x", "json", {"a": 1}, text='{"a": 1}', locate=locate)
    assert document.get(("a",)) == 1
    with pytest.raises(AssertionError, match="nobody asked"):
        document.span(("a",))


def test_a_key_that_is_not_there_has_no_place():
    document = read_bytes(b'{"a": [1]}', "x.json")[0]
    assert document.span(("a", 1)) is None
    assert document.span(("b", "c")) is None
    assert document.key_span(("a", 0)) is None
    assert document.raw(("a", 0)) == "1"


def test_walk_gives_every_value_in_the_order_of_the_text():
    keys = [format_key(key) for key, _ in walk({"a": [1, {"b": 2}], "c": 3})]
    assert keys == ["", "a", "a[0]", "a[1]", "a[1].b", "c"]
