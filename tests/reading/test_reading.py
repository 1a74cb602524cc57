"""What holds for the readers of all formats: hostile bytes, places, objects in memory, files without a telling name."""

import argparse
import codecs
import enum
import os
import pathlib
import subprocess
import sys
import time
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.document import format_key, walk
from advisor.reading import FORMATS, ReadingError, read_bytes, read_file, read_object

NAMES = ["x.json", "x.yaml", "x.toml", "x.cfg", "x.py", "x.sh", "-"]


# ------------------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (codecs.BOM_UTF8, "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "binary"),
        (b"lr: 0.1\n\0", "binary"),
        (b"\x80\x04\x95 pickle", "not UTF-8"),
        (codecs.BOM_UTF16_LE + b"a", "not UTF-16"),
    ],
)
def test_bytes_that_are_no_text_are_refused(name, data, words):
    with pytest.raises(ReadingError, match=words):
        read_bytes(data, name)


def test_the_place_of_a_wrong_byte_is_told():
    with pytest.raises(ReadingError, match="byte 0xff") as error:
        read_bytes("a: é\nb: ".encode() + b"\xff\n", "x.yaml")
    assert (error.value.line, error.value.column) == (2, 4)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize(("name", "text"), [("x.json", '{"é": 1}'), ("x.yaml", "é: 1\n"), ("x.cfg", "é = 1\n")])
def test_encodings_with_a_mark_are_read(encoding, name, text):
    document = read_bytes(text.encode(encoding), name)[0]
    assert document.data == {"é": 1}
    assert (document.span(("é",)).line, document.raw(("é",))) == (1, "1")
    assert not document.text.startswith("\ufeff")


@pytest.mark.parametrize(
    ("name", "text"),
    [("x.json", '{\r\n"lr": 1}'), ("x.yaml", "a:\r\n  lr: 1\r\n"), ("x.toml", "[a]\r\nlr = 1\r\n")],
)
def test_lines_may_end_the_windows_way(name, text):
    document = read_bytes(text.encode(), name)[0]
    key = next(key for key, value in walk(document.data) if value == 1)
    assert (document.span(key).line, document.raw(key)) == (2, "1")


@pytest.mark.parametrize("name", ["x.json", "x.yaml", "x.toml", "x.py", "x.sh"])
def test_ten_megabytes_are_read_or_refused_at_once(name):
    line = {".json": '"k%d": [0.1, "text"],\n', ".yaml": "k%d: [0.1, text]\n"}.get(name[1:], "k%d = 0.1\n")
    text = "".join(line % number for number in range(10_000_000 // len(line)))
    text = "{" + text.rstrip(",\n") + "}" if name == "x.json" else text
    start = time.process_time()
    try:
        read_bytes(text.encode(), name)
    except ReadingError as error:
        assert error.message
    assert time.process_time() - start < 20


def test_more_than_any_config_holds_is_refused():
    with pytest.raises(ReadingError, match="larger than 32 MB"):
        read_bytes(b"a" * (32 * 1024 * 1024 + 1), "x.yaml")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "unit", ["[", "{", "(", "- ", '{"a":', "a.", "<<: ", "&a ", "$(", "${", "${a:-", '"', "`", "-"]
)
def test_a_hundred_thousand_levels_are_no_crash(name, unit):
    for text in (unit * 100_000, "a = " + unit * 100_000):
        read_or_refuse(text, name)


def read_or_refuse(text, name):
    try:
        read_bytes(text.encode(), name)
    except ReadingError as error:
        assert len(error.message) < 300


def test_files_that_cannot_be_opened(tmp_path):
    (tmp_path / "to_itself.yaml").symlink_to(tmp_path / "to_itself.yaml")
    (tmp_path / "to_nothing.yaml").symlink_to(tmp_path / "nothing")
    for name, words in [
        ("absent.yaml", "no such file"),
        (".", "a folder"),
        ("to_itself.yaml", "symbolic link|cannot be opened"),
        ("to_nothing.yaml", "no such file"),
        ("nul\0.yaml", "cannot be opened"),
    ]:
        with pytest.raises(ReadingError, match=words):
            read_file(tmp_path / name if "\0" not in name else name)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user who may not read everything")
def test_files_without_permission(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\n")
    path.chmod(0)
    with pytest.raises(ReadingError, match="no permission"):
        read_file(path)


# ------------------------------------------------------------------------------------------------- hostile texts

SEEDS = [
    '{"lr": 1e-4, "betas": [0.9, NaN], // c\n "a": {"b": null,},}',
    "a: &a\n  b: [1, *a]\n<<: *a\n? [x]\n: !t 'y'\n--- |\n x\n",
    'a = 1\n[b.c]\nd = [{ e = \'f\' }, 1_0]\n[[g]]\nh = """\ni"""\n',
    "[a]\nb = 1\n[a.c]\nd: [1,\n 2]\n[a]\n@e = yes ; f\n",
    "import a\nb = dict(c=[1, *d], **{'e': 2})\nf.g['h'] = -b.c\nclass I:\n j: int = 10**k\nb += 1\n",
    "A=\"--x $B\"\nC=(1 '2')\nrun.py $A ${C[@]} --y=$((1+2)) \\\n z.w=1 <<E\nE\nfor i in 1; do x --a -b; done\n",
]
MARKS = " \n\t\r'\"[]{}()<>,:;=#&*!|>%@`$\\/.-+_~?0123456789eEabcdlrxyz\ufeff\x85\u2028é𝄞\ud800"
WORDS = ("<<", "${", "$((", "--", "!!", "null", "NaN", ".inf", "1e999", "dict(", "lambda", "\r\n", "  ", '"""')
PIECES = st.sampled_from([*MARKS, *WORDS])


@st.composite
def hostile(draw):
    """A sound text of some format, cut and mixed with what means something to a reader."""
    text = draw(st.sampled_from(SEEDS)) if draw(st.booleans()) else ""
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(text)))
        insert = "".join(draw(st.lists(PIECES, max_size=5)))
        text = text[:at] + insert + text[at + draw(st.integers(0, 4)) :]
    return text


def check(data, name):
    try:
        documents = read_bytes(data, name)
    except ReadingError as error:
        assert error.message
        assert error.line is None or error.line >= 1
        assert error.column is None or error.column >= 1
        return
    for document in documents:
        assert document.format in set(FORMATS.values())
        for key, value in walk(document.data):
            assert value is None or type(value) in (dict, list, str, int, float, bool)
            assert len(key) <= 101
            span = document.span(key)
            if span is not None:
                assert 0 <= span.start <= span.end <= len(document.text), format_key(key)
                assert document.raw(key) == document.text[span.start : span.end]
            document.key_span(key)


@settings(max_examples=300, deadline=2000, suppress_health_check=[HealthCheck.too_slow])
@given(hostile(), st.sampled_from(NAMES))
def test_only_reading_errors_escape(text, name):
    check(text.encode("utf-8", "surrogatepass"), name)


@settings(max_examples=100, deadline=2000)
@given(st.binary(max_size=200), st.sampled_from(NAMES))
def test_only_reading_errors_escape_from_bytes(data, name):
    check(data, name)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**25), 10**25) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def same(left, right):
    """Equal, where NaN equals itself and a whole number may have become a float."""
    return repr(left) == repr(right)


@settings(max_examples=200, deadline=None)
@given(PLAIN, st.sampled_from([None, 2]))
def test_json_is_read_as_the_standard_library_reads_it(value, indent):
    import json

    text = json.dumps(value, indent=indent)
    if not text.strip():
        return
    document = read_bytes(text.encode(), "x.json")[0]
    assert same(document.data, value)
    for key, inner in walk(document.data):
        assert same(json.loads(document.raw(key)), inner)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.text(), PLAIN, min_size=1, max_size=3),
    st.booleans(),
)
def test_yaml_is_read_as_pyyaml_reads_it(value, flow):
    import yaml

    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True)
    try:
        expected = yaml.safe_load(text)
    except yaml.YAMLError:
        return
    document = read_bytes(text.encode("utf-8", "surrogatepass"), "x.yaml")[0]
    assert same(document.data, expected)
    for key, inner in walk(document.data):
        assert document.span(key) is not None
        raw = document.raw(key)
        if isinstance(inner, int | float) and not raw.startswith(("&", "*")):
            assert same(yaml.safe_load(raw), inner)


# ------------------------------------------------------------------------------------ texts without a telling name


@pytest.mark.parametrize(
    ("text", "form", "data"),
    [
        ('{"lr": 1}', "json", {"lr": 1}),
        ('// c\n{"a": 1,}', "json", {"a": 1}),
        ("{lr: 1, b: 2}", "yaml", {"lr": 1, "b": 2}),
        ("[1, 2]", "json", [1, 2]),
        ("lr: 0.1\nb: 2\n", "yaml", {"lr": 0.1, "b": 2}),
        ("- a\n- b: 1\n", "yaml", ["a", {"b": 1}]),
        ("lr = 0.1\n", "toml", {"lr": 0.1}),
        ("[a]\nlr = 0.1\n", "toml", {"a": {"lr": 0.1}}),
        ("[a]\nlr = yes it is\n", "ini", {"a": {"lr": "yes it is"}}),
        ("--lr 0.1 --bf16", "shell", {"lr": 0.1, "bf16": True}),
        ("#!/bin/bash\npython t.py --lr 1\n", "shell", {"lr": 1, "__command__": "t.py"}),
        ("python train.py --lr 0.1\n", "shell", {"lr": 0.1, "__command__": "train.py"}),
        ("{'lr': 0.1, 'b': None}", "python", {"lr": 0.1, "b": None}),
        ("dict(lr=0.1)", "python", {"lr": 0.1}),
        ("import torch\nlr = 1\n", "python", {"lr": 1}),
        ("model = dict(type='x')\n", "python", {"model": {"type": "x"}}),
        ("hello", "yaml", "hello"),
    ],
)
@pytest.mark.parametrize("name", ["<stdin>", "config", "x.txt"])
def test_the_text_tells_its_format(text, form, data, name):
    document = read_bytes(text.encode(), name)[0]
    assert (document.format, document.data) == (form, data)


def test_a_given_format_holds():
    assert read_bytes(b"[a]\nlr = 1\n", "x.yaml", "toml")[0].data == {"a": {"lr": 1}}


# ------------------------------------------------------------------------------------------------ objects in memory


class Schedule(str, enum.Enum):
    COSINE = "cosine"


@dataclass
class Optimizer:
    lr: float = 0.1
    betas: tuple = (0.9, 0.99)
    extra: dict = field(default_factory=dict)


class Model:
    """Like a pydantic model."""

    def model_dump(self):
        return {"lr": 0.1}


class Keras:
    def get_config(self):
        return {"learning_rate": 0.1, "name": "adam"}


class Torch:
    param_groups = [{"params": [object()], "lr": 0.1, "betas": (0.9, 0.999)}]  # noqa: RUF012

    def state_dict(self):
        return {}


class Transformers:
    def to_dict(self):
        return {"learning_rate": 5e-5, "lr_scheduler_type": Schedule.COSINE}


class Broken:
    def to_dict(self):
        raise RuntimeError

    def __init__(self):
        self.lr = 0.1
        self._hidden = 1


class Scalar:
    shape = ()
    dtype = "float32"

    def item(self):
        return 0.5


@pytest.mark.parametrize(
    ("obj", "data"),
    [
        ({"lr": 0.1, 3: (1, 2)}, {"lr": 0.1, "3": [1, 2]}),
        (argparse.Namespace(lr=0.1, schedule=Schedule.COSINE), {"lr": 0.1, "schedule": "cosine"}),
        (SimpleNamespace(path=pathlib.PurePosixPath("a/b")), {"path": "a/b"}),
        (Optimizer(), {"lr": 0.1, "betas": [0.9, 0.99], "extra": {}}),
        (Model(), {"lr": 0.1}),
        (Keras(), {"class_name": "Keras", "config": {"learning_rate": 0.1, "name": "adam"}}),
        (Torch(), {"optimizer": "Torch", "lr": 0.1, "betas": [0.9, 0.999]}),
        (Transformers(), {"learning_rate": 5e-5, "lr_scheduler_type": "cosine"}),
        (Broken(), {"lr": 0.1}),
        ({"lr": Scalar(), "f": len}, {"lr": 0.5, "f": "builtins.len"}),
    ],
)
def test_objects_are_read(obj, data):
    document = read_object(obj)
    assert (document.name, document.format, document.data) == ("<config>", "object", data)


@pytest.mark.parametrize("obj", [3, "text", None, object(), len])
def test_what_holds_nothing_is_refused(obj):
    with pytest.raises(ReadingError, match="cannot read a configuration"):
        read_object(obj)


def test_an_object_that_holds_itself_is_no_hang():
    held = {"lr": 0.1}
    held["self"] = held
    assert read_object(held).data == {"lr": 0.1, "self": "(itself)"}


# ------------------------------------------------------------------------------------------------------- the whole


def test_reading_one_format_loads_no_other():
    code = (
        "import sys; from advisor.reading import read_bytes; read_bytes(b'{\"a\": 1}', 'x.json');"
        "bad = {'yaml', 'tomllib', 'tomli', 'pydantic', 'tabulate'} & set(sys.modules); assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


CORPUS = pathlib.Path(__file__).parents[3] / "shared" / "corpus" / "dev"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="needs a folder of published configs")
def test_published_configs_are_read_and_every_value_has_its_place():
    failed = 0
    for path in sorted(CORPUS.rglob("*.*")):
        if path.suffix not in FORMATS or path.suffix == ".py":
            continue
        try:
            documents = read_file(path)
        except ReadingError as error:
            assert error.line
            failed += 1
            continue
        for document in documents:
            for key, _ in walk(document.data):
                assert key[-1:] == ("__tag__",) or document.span(key) is not None, (path, format_key(key))
    assert failed <= 3
