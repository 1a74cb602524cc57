import os
import shutil
import subprocess

import pytest

from advisor.discovery import Found, Problem, find, looks_like_training


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A place to search, outside any repository, that is the current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder, *names, text="lr: 0.1\n"):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found(*paths, **options):
    return [item.path.replace(os.sep, "/") for item in find(paths, **options) if isinstance(item, Found)]


def problems(*paths):
    return [(item.path, item.message, item.explicit) for item in find(paths) if isinstance(item, Problem)]


def test_a_search_finds_configs_by_suffix_and_in_order(folder):
    write(folder, "b.yaml", "a.yml", "sub/c.TOML", "sub/d.cfg", "sub/deep/e.ini", "z.json", "z.jsonc", "n.txt", "n.py")
    assert found("") == []
    assert found(".") == [
        "./a.yml",
        "./b.yaml",
        "./z.json",
        "./z.jsonc",
        "./sub/c.TOML",
        "./sub/d.cfg",
        "./sub/deep/e.ini",
    ]
    assert found("sub") == ["sub/c.TOML", "sub/d.cfg", "sub/deep/e.ini"]


def test_a_search_leaves_out_what_tools_wrote(folder):
    write(
        folder,
        "a.yaml",
        ".hidden/b.yaml",
        "node_modules/c.json",
        "__pycache__/d.json",
        "venv/e.json",
        "venv/pyvenv.cfg",
    )
    assert found(str(folder)) == [f"{folder}/a.yaml"]
    assert found(".hidden") == [".hidden/b.yaml"]


def test_what_is_named_is_checked_whatever_it_is(folder):
    write(folder, "notes.txt", "train.py")
    assert list(find(["notes.txt", "train.py", "-"])) == [
        Found("notes.txt", explicit=True),
        Found("train.py", explicit=True),
        Found("-", explicit=True),
    ]


def test_every_file_comes_once_and_counts_as_named(folder):
    write(folder, "a.yaml", "b.yaml")
    (folder / "c.yaml").symlink_to("a.yaml")
    assert list(find([".", "b.yaml", "a.yaml", "./a.yaml"])) == [
        Found("./a.yaml", explicit=True),
        Found("./b.yaml", explicit=True),
    ]


def test_links_to_folders_are_not_followed(folder):
    write(folder, "a/x.yaml")
    (folder / "a" / "up").symlink_to(folder)
    (folder / "b").symlink_to(folder / "a")
    assert found(".") == ["./a/x.yaml"]
    assert found("b") == ["b/x.yaml"]


def test_what_cannot_be_checked_is_told(folder):
    (folder / "nothing.yaml").symlink_to("absent")
    (folder / "itself.yaml").symlink_to("itself.yaml")
    write(folder, "a.yaml")
    assert problems("absent.yaml") == [("absent.yaml", "there is no such file or folder", True)]
    assert problems("nothing.yaml") == [("nothing.yaml", "a link to nothing", True)]
    assert problems("nul\0") == [("nul\0", "cannot be opened: embedded null byte", True)]
    assert problems(".") == [
        ("./itself.yaml", "a link that leads back to itself", False),
        ("./nothing.yaml", "a link to nothing", False),
    ]
    assert found(".") == ["./a.yaml"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user who may not read everything")
def test_a_folder_without_permission_is_told(folder):
    write(folder, "closed/a.yaml")
    (folder / "closed").chmod(0)
    assert problems("closed") == [("closed", "no permission to read it", True)]


@pytest.mark.parametrize(
    ("include", "exclude", "names"),
    [
        (["*.txt"], [], ["./a.yaml", "./flags.txt", "./old/b.yaml", "./old/in/c.yaml"]),
        ([], ["old"], ["./a.yaml"]),
        ([], ["old/"], ["./a.yaml"]),
        ([], ["in"], ["./a.yaml", "./old/b.yaml"]),
        ([], ["/in"], ["./a.yaml", "./old/b.yaml", "./old/in/c.yaml"]),
        ([], ["old/*.yaml"], ["./a.yaml", "./old/in/c.yaml"]),
        ([], ["**/c.yaml"], ["./a.yaml", "./old/b.yaml"]),
        ([], ["old/**"], ["./a.yaml"]),
        ([], ["?.yaml"], []),
        ([], ["[!a].yaml"], ["./a.yaml"]),
        ([], ["old[!x]b.yaml", "[[:alpha:]].yaml"], ["./a.yaml", "./old/b.yaml", "./old/in/c.yaml"]),
        ([], ["[z-a].yaml", "[a"], ["./a.yaml", "./old/b.yaml", "./old/in/c.yaml"]),
        ([], ["a.y"], ["./a.yaml", "./old/b.yaml", "./old/in/c.yaml"]),
    ],
)
def test_patterns_are_as_in_gitignore(folder, include, exclude, names):
    write(folder, "a.yaml", "flags.txt", "old/b.yaml", "old/in/c.yaml")
    assert found(".", include=include, exclude=exclude) == names


def test_a_named_file_is_checked_though_excluded(folder):
    write(folder, "a.yaml")
    assert found("a.yaml", exclude=["a.yaml"]) == ["a.yaml"]


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_what_git_ignores_is_left_out(folder):
    write(folder, "a.yaml", "outputs/b.yaml", "sub/c.yaml", "sub/local.yaml")
    write(folder, ".gitignore", text="outputs/\nlocal.yaml\n")
    subprocess.run(["git", "init", "-q", "."], check=True)
    assert found(".") == ["./a.yaml", "./sub/c.yaml"]
    assert found("sub") == ["sub/c.yaml"]
    assert found(str(folder)) == [f"{folder}/a.yaml", f"{folder}/sub/c.yaml"]
    assert found("outputs") == ["outputs/b.yaml"]
    assert found("sub/local.yaml") == ["sub/local.yaml"]


@pytest.mark.parametrize(
    "text",
    ["learning_rate: 1e-4\n", '{"lr": }', "TRAIN:\n BASE_LR: 1", "--train_batch_size 4", "epoch: 3\nseed: 1\n",
     "learningRate =", "weight-decay: x", "optimizer:", "num_train_epochs=3", '"batchSize": 4', "lora_r: 8"],
)  # fmt: skip
def test_texts_that_show_keys_of_training(text):
    assert looks_like_training(text)


@pytest.mark.parametrize(
    "text",
    ["", "name: my app\nversion: 3\n", "on: push\njobs:\n  test: x\n", "seed: 3\n", "colour: red", "allr: 1"],
)
def test_texts_that_do_not(text):
    assert not looks_like_training(text)


def test_a_long_text_is_no_hang():
    assert not looks_like_training("max_" * 100_000 + "n_" * 100_000 + "batch_" * 50_000)
