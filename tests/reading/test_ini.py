import pytest

from advisor.reading import ReadingError, read_bytes
from advisor.reading.ini_format import convert


def read(text):
    return read_bytes(text.encode(), "x.cfg")[0]


SPACY_LIKE = """\
[nlp]
lang = "en"
pipeline = ["tok2vec","ner"]

[training]
dropout = 0.1
max_steps = 20000
seed = ${system.seed}

[training.optimizer]
@optimizers = "Adam.v1"
betas = [
  0.9,
  0.999
]
eps = 0.00000001

[training.optimizer.learn_rate]
@schedules = "warmup_linear.v1"
warmup_steps = 250
"""


def test_dotted_sections_nest_and_values_are_json():
    document = read(SPACY_LIKE)
    assert document.format == "ini"
    training = document.data["training"]
    assert training["seed"] == "${system.seed}"
    assert training["optimizer"]["betas"] == [0.9, 0.999]
    assert training["optimizer"]["learn_rate"] == {"@schedules": "warmup_linear.v1", "warmup_steps": 250}
    key = ("training", "optimizer", "betas", 1)
    assert (document.span(key).line, document.span(key).column, document.raw(key)) == (14, 3, "0.999")
    assert document.key_span(("training", "optimizer", "learn_rate", "warmup_steps")).line == 20


def test_repeated_sections_become_a_list():
    document = read(
        "[net]\nbatch=64\nlearning_rate=0.001\nsteps=400,450\n[convolutional]\nsize=3\n\n[convolutional]\nsize=1\n"
    )
    assert document.data["net"] == {"batch": 64, "learning_rate": 0.001, "steps": [400, 450]}
    assert document.data["convolutional"] == [{"size": 3}, {"size": 1}]
    assert document.span(("convolutional", 0, "size")).line == 6
    assert document.span(("convolutional", 1, "size")).line == 9
    assert document.raw(("net", "steps", 1)) == "450"


def test_pairs_without_a_section():
    document = read("# c\nlr = 0.1   ; high\nname: a b # c\nflag\nurl = http://x#y\n")
    assert document.data == {"lr": 0.1, "name": "a b", "flag": None, "url": "http://x#y"}
    assert document.raw(("name",)) == "a b"


def test_continued_lines_belong_to_the_value_before():
    document = read("[a]\ntext = one\n  two\nb = 1\n")
    assert document.data == {"a": {"text": "one\n  two", "b": 1}}


def test_the_last_of_a_repeated_key_counts_and_the_repetition_is_told():
    document = read("[a]\nlr = 1\nlr = 2\n")
    assert document.data == {"a": {"lr": 2}}
    (found,) = document.irregularities
    assert (found.kind, found.key, found.span.line, found.other.line) == ("duplicate-key", ("a", "lr"), 3, 2)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1", 1), ("-1", -1), ("1e-4", 1e-4), (".5", 0.5), ("5.", 5.0), ("1_000", 1000), ("yes", True), ("Off", False),
        ("None", None), ("null", None), ("(0.9, 0.999)", [0.9, 0.999]), ("{'a': None}", {"a": None}), ('"1"', "1"),
        ("10,20", [10, 20]), ("a,b", "a,b"), ("10%", "10%"), ("", ""), ("[1, 2", "[1, 2"), ("(1", "(1"),
        ("0x10", "0x10"),
    ],
)  # fmt: skip
def test_values_are_what_they_look_like(raw, value):
    assert convert(raw) == value
    assert type(convert(raw)) is type(value)


def test_numbers_that_are_none_or_absurd_are_told():
    document = read(f"[a]\nlr = nan\nseed = {'9' * 400}\nother = {'9' * 5000}\n")
    assert [(found.kind, found.key) for found in document.irregularities] == [
        ("not-finite", ("a", "lr")),
        ("huge-integer", ("a", "seed")),
        ("huge-integer", ("a", "other")),
    ]


def test_line_ends_and_byte_order_mark():
    document = read_bytes(b"\xef\xbb\xbf[a]\r\nlr = 0.1\r\n", "x.ini")[0]
    assert document.data == {"a": {"lr": 0.1}}
    assert (document.span(("a", "lr")).line, document.span(("a", "lr")).column) == (2, 6)


def test_a_line_that_says_nothing_is_refused_with_its_place():
    with pytest.raises(ReadingError, match="expected") as error:
        read("[a]\nlr = 1\n!! what\n")
    assert (error.value.line, error.value.column) == (3, 1)


@pytest.mark.parametrize(
    ("text", "form", "data"),
    [('{"lr": 0.1}', "json", {"lr": 0.1}), ("a:\n  lr: 0.1\n  b: 2\n", "yaml", {"a": {"lr": 0.1, "b": 2}})],
)
def test_a_cfg_may_hold_another_format(text, form, data):
    document = read(text)
    assert (document.format, document.data) == (form, data)
