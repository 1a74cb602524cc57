import pytest

from advisor.reading import ReadingError, read_bytes


def read_all(text, name="x.sh"):
    return read_bytes(text.encode(), name)


def read(text):
    (document,) = read_all(text)
    return document


SCRIPT = """\
#!/bin/bash
set -e
export LR=1e-4   # the rate
BS=$((8*4))
OPTIONS="--weight_decay 0.1 \\
  --bf16 --end_lr $LR"
LIST=(--seed 1 --betas 0.9 0.95)
cd work && pip install --upgrade -q thing
accelerate launch --multi_gpu --num_processes 8 train.py \\
  --learning_rate ${LR} --batch_size "$BS" $OPTIONS "${LIST[@]}" \\
  --warmup ${WARMUP:-100} --out "runs/$NAME" --floor -1e-3 --tag=a --tag=b > log.txt 2>&1 &
"""


def test_flags_of_launcher_and_script():
    document = read(SCRIPT)
    assert document.data == {
        "multi_gpu": True,
        "num_processes": 8,
        "learning_rate": 1e-4,
        "batch_size": 32,
        "weight_decay": 0.1,
        "bf16": True,
        "end_lr": 1e-4,
        "seed": 1,
        "betas": [0.9, 0.95],
        "warmup": 100,
        "out": "runs/${NAME}",
        "floor": -1e-3,
        "tag": ["a", "b"],
        "__command__": "train.py",
    }


@pytest.mark.parametrize(
    ("key", "line", "column", "raw"),
    [
        (("num_processes",), 9, 47, "8"),
        (("learning_rate",), 10, 19, "${LR}"),
        (("weight_decay",), 5, 25, "0.1"),
        (("betas", 1), 7, 28, "0.95"),
        (("multi_gpu",), 9, 19, "--multi_gpu"),
        (("tag", 1), 11, 74, "b"),
    ],
)
def test_places(key, line, column, raw):
    document = read(SCRIPT)
    span = document.span(key)
    assert (span.line, span.column, document.raw(key)) == (line, column, raw)


def test_overrides_nest():
    document = read(
        "python -m torch.distributed.launch --nproc=8 main.py optimizer.lr=0.1 +x.y=[1,2] model=a model.d=1\n"
    )
    assert document.data == {
        "nproc": 8,
        "optimizer": {"lr": 0.1},
        "x": {"y": [1, 2]},
        "model": "a",
        "model.d": 1,
        "__command__": "main.py",
    }


def test_each_training_command_is_a_document():
    first, second = read_all(
        "for lr in 1 2; do\n  python a.py --lr $lr\ndone\necho --not\npython b.py --epochs 3 data/\n"
    )
    assert first.data == {"lr": "${lr}", "__command__": "a.py"}
    assert second.data == {"epochs": 3, "__command__": "b.py", "__args__": ["data/"]}
    assert (first.index, second.index) == (0, 1)


def test_a_command_without_a_script():
    assert read("CUDA_VISIBLE_DEVICES=0,1 yolo train model=x.pt \\\r\n  lr0=0.01\r\n").data == {
        "model": "x.pt",
        "lr0": 0.01,
        "__command__": "yolo",
        "__args__": ["train"],
    }


def test_a_list_of_flags_one_a_line():
    document = read_all('--lr 1e-4\n--bf16\n--name "x y"\n', "flags.txt")[0]
    assert (document.format, document.data) == ("shell", {"lr": 1e-4, "bf16": True, "name": "x y"})


def test_variables_alone_are_what_the_file_says():
    assert read("export LR=0.1\nNAME='a b'\nEPOCHS=3\n").data == {"LR": 0.1, "NAME": ["a", "b"], "EPOCHS": 3}


def test_here_documents_and_comments_are_no_commands():
    assert read("cat <<EOF\npython x.py --lr 'open\nEOF\n# python y.py --lr 2\npython z.py --lr 3\n").data["lr"] == 3


def test_defaults_of_variables_may_hold_variables_and_quotes():
    settings = 'ROOT=/data\nA=${A:-"${ROOT}/x"}\nB="${B:-${A}-${C:-1}}"\n'
    text = settings + 'python t.py --a "$A" --b $B --d "${D:-"$E/y"}" --lr 3\n'
    assert read(text).data == {"a": "/data/x", "b": "/data/x-1", "d": "$E/y", "lr": 3, "__command__": "t.py"}


def test_what_only_running_could_tell_is_a_reference():
    data = read("python a.py --seed $(date +%s) --lr $1 --n `nproc` --home ~/x $EXTRA\n").data
    assert data["seed"] == "${$(date +%s)}"
    assert data["lr"] == "${1}"
    assert data["n"] == "${`nproc`}"


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("python a.py --name 'x\n", 1, 20, "never closed"),
        ('a=1\npython a.py --name "x\n', 2, 20, "never closed"),
        ("python a.py --n $(x\n", 1, 18, "never closed"),
        ("A=aaaaaaaaaa\n" + "A=$A$A\n" * 60, None, None, "grow without end"),
        ('A="x y"\n' + 'A="$A $A"\n' * 60, None, None, "grow without end"),
        ('A="x y"\n' + 'A+=" $A $A"\n' * 60, None, None, "grow without end"),
    ],
)
def test_what_cannot_be_followed_is_said(text, line, column, words):
    with pytest.raises(ReadingError, match=words) as error:
        read(text)
    assert line is None or (error.value.line, error.value.column) == (line, column)
