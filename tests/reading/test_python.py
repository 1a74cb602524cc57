import time

import pytest

from advisor.reading import ReadingError, read_bytes


def read(text, name="x.py"):
    return read_bytes(text.encode(), name)[0]


def test_assignments():
    document = read(
        '"""A run."""\nlr = 1e-3*2\nbatch_size = 4*1024  # large\nbetas = (0.9, 1 - 0.001)\nbf16: bool = True\n'
    )
    assert document.data == {"lr": 2e-3, "batch_size": 4096, "betas": [0.9, 0.999], "bf16": True}
    assert (document.span(("lr",)).line, document.span(("lr",)).column, document.raw(("lr",))) == (2, 6, "1e-3*2")
    assert document.raw(("betas", 1)) == "1 - 0.001"


def test_names_given_before_are_known():
    document = read("lr = 0.1\nwd = lr / 10\nsteps = [lr, other]\nlr = 0.2\n")
    assert document.data == {"lr": 0.2, "wd": 0.01, "steps": [0.1, "${other}"]}
    assert document.span(("lr",)).line == 4


def test_dict_calls_are_mappings_with_places():
    document = read(
        "_base_ = ['../base.py']\n"
        "optim_wrapper = dict(\n"
        "    type='OptimWrapper',\n"
        "    optimizer=dict(type='AdamW', lr=1e-4, betas=(0.9, 0.999)),\n"
        "    **extra_options,\n"
        ")\n".replace("    **extra_options,\n", "")
    )
    assert document.data["_base_"] == ["../base.py"]
    assert document.data["optim_wrapper"]["optimizer"] == {"type": "AdamW", "lr": 1e-4, "betas": [0.9, 0.999]}
    key = ("optim_wrapper", "optimizer", "lr")
    assert (document.span(key).line, document.raw(key)) == (4, "1e-4")
    assert document.key_span(key).column == 34


def test_calls_are_told_by_name():
    document = read(
        "import torch\nfrom torch.optim import AdamW as A\nfrom functools import partial\n"
        "a = torch.optim.Adam(model.parameters(), lr=5e-4)\nb = A\nc = partial(A, lr=1)\nd = L(A)(lr=2)\n"
        "e = torch.bfloat16\n"
    )
    assert document.data["a"]["__call__"] == "torch.optim.Adam"
    assert document.data["a"]["lr"] == 5e-4
    assert document.data["b"] == "torch.optim.AdamW"
    assert document.data["c"] == {"__call__": "torch.optim.AdamW", "lr": 1}
    assert document.data["d"] == {"__call__": "torch.optim.AdamW", "lr": 2}
    assert document.data["e"] == "torch.bfloat16"


def test_attributes_and_items_are_written_into_mappings():
    document = read(
        "cfg = CN()\ncfg.SOLVER = CN()\ncfg.SOLVER.BASE_LR = 0.01\ncfg.SOLVER['M'] = 0.9\n"
        "args.lr = 1\ncfg.SOLVER.update(dict(WD=1e-4))\n"
    )
    assert document.data["cfg"] == {"SOLVER": {"BASE_LR": 0.01, "M": 0.9, "WD": 1e-4}}
    assert document.data["args"] == {"lr": 1}
    assert document.span(("cfg", "SOLVER", "BASE_LR")).line == 3


def test_classes_and_config_functions():
    document = read(
        "class Args:\n    lr: float = 0.1\n    seed = 1\n    def f(self): pass\n"
        "def get_config():\n    config = ConfigDict()\n    config.warmup = 10\n    return config\n"
        "def other():\n    wd = 1\n"
    )
    assert document.data == {"Args": {"lr": 0.1, "seed": 1}, "warmup": 10}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("os.environ['A']", "${os.environ['A']}"),
        ("x if y else z", "${x if y else z}"),
        ("f'{a}'", "${f'{a}'}"),
        ("int(1e6)", 1000000),
        ("float('1e-3')", 1e-3),
        ("-1", -1),
        ("not True", False),
        ("2**10", 1024),
        ("10**100000", "${10**100000}"),
        ("'a' * 10**9", "${'a' * 10**9}"),
        ("1 / 0", "${1 / 0}"),
        ("[1] + [2]", [1, 2]),
        ("[*range(3)]", "${[*range(3)]}"),
        ("{'a': 1, 2: 'b'}", {"a": 1, "2": "b"}),
        ("dict(dict(a=1), b=2)", {"a": 1, "b": 2}),
        ("[1, 2][-1]", 2),
        ("b'bytes'", "${b'bytes'}"),
        ("None", None),
        ("lambda: 1", "${lambda: 1}"),
        ("0.1 if True else 1", "${0.1 if True else 1}"),
        ("1e999 - 1e999 + len(z)", "${1e999 - 1e999 + len(z)}"),
    ],
)
def test_expressions(source, value):
    assert read(f"x = {source}\ny = 1\n").data["x"] == value


def test_nothing_is_run(tmp_path):
    mark = tmp_path / "mark"
    read(f"open({str(mark)!r}, 'w')\n__import__('os').mkdir({str(mark)!r})\n")
    assert not mark.exists()


def test_what_is_set_on_some_ways_only_is_unknown():
    assert read("lr = 1\nif debug:\n    lr = 2\nfor i in range(3):\n    wd = i\n").data["lr"] == "${lr}"


def test_unpacking():
    assert read("a, b = 1, 2\nc, d = f()\n").data == {"a": 1, "b": 2, "c": "${c}", "d": "${d}"}


def test_columns_count_code_points():
    document = read("é = 'é𝄞'; lr = 0.1\n")
    assert document.span(("lr",)).column == 16
    assert document.raw(("lr",)) == "0.1"


def test_a_literal_alone_stands_for_what_it_holds():
    document = read("{'lr': 0.1, 'momentum': None}", "-")
    assert (document.format, document.data) == ("python", {"lr": 0.1, "momentum": None})


def test_a_repeated_key_is_told():
    document = read("x = dict(a={'lr': 1, 'lr': 2})\ny = 1\n")
    (found,) = document.irregularities
    assert (found.kind, found.key, found.span.column) == ("duplicate-key", ("x", "a", "lr"), 22)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("lr = \n", 1, "not valid Python"),
        ("lr = 1\n  b = 2\n", 2, "indent"),
        ("x = (1,\n", 1, "never closed"),
        ("x = " + "[" * 100_000, 1, "not valid Python"),
        ("x = " + "-" * 100_000 + "1", None, "nested too deeply"),
        ("x = " + "1+" * 100_000 + "1", None, "nested"),
        ("a0 = [1]\n" + "".join(f"a{n} = [a{n - 1}, a{n - 1}]\n" for n in range(1, 60)), None, "used again and again"),
    ],
)
def test_what_is_no_python_is_said(text, line, words):
    with pytest.raises(ReadingError, match=words) as error:
        read(text)
    assert line is None or error.value.line == line


def test_a_value_made_of_the_mapping_that_it_is_put_into_is_not_followed() -> None:
    document = read("c = dict(lr=1)\ninit = fill('{lr}', c)\nc.init = init\nc.wd = 2\n")
    assert document.data["c"] == {"lr": 1, "init": {"__call__": "fill", "__args__": ["{lr}", "${c}"]}, "wd": 2}
    assert read("a = dict()\na['b'] = a\n").data == {"a": {"b": "${a}"}}
    assert read("a = dict(n=[dict(x=1)] * 2)\na.b = dict(c=[1, a])\nd = a.b\n").data == {
        "a": {"n": [{"x": 1}, {"x": 1}], "b": {"c": [1, "${a}"]}},
        "d": {"c": [1, "${a}"]},
    }


@pytest.mark.parametrize(
    "text",
    [
        "c = dict()\nbig = [" + "1, " * 60_000 + "]\n" + "".join(f"c.a{n} = big\n" for n in range(1500)),
        "c = dict()\nbig = dict("
        + ", ".join(f"k{n}=1" for n in range(60_000))
        + ")\n"
        + "".join(f"c.a{n} = big\n" for n in range(1500)),
    ],
    ids=["list", "mapping"],
)
def test_what_is_large_and_often_named_is_looked_at_once(text) -> None:
    started = time.process_time()
    with pytest.raises(ReadingError, match="values used again and again make more than 100,000 of them"):
        read(text)
    assert time.process_time() - started < 5


def test_what_is_copied_without_measure_is_not_followed() -> None:
    begin = "a = [" + "1, " * 9_000 + "]\n"
    assert read(begin + "b = a + [2]\n").data["b"][-1] == 2
    data = read(begin + "".join(f"b = a + [{n}]\n" for n in range(5_000))).data
    assert data["b"] == "${a + [4999]}"
