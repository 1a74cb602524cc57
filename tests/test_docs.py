"""Every example in the documentation is run, and says what the program says.

A `console` block holds `$ command` lines, each followed by what it prints; a line `...` stands for any number of
lines, and `...` within a line for anything. A `python` block is executed, and with `>>>` in it run as a doctest; the
blocks of one document share their names. A block after an HTML comment `<!-- not run: why -->` or
`<!-- set-up: what -->` is left alone.

After an intended change of the output, `python tests/test_docs.py` writes what the commands print now into the
documents, except where the block holds a wildcard.
"""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

BLOCK = re.compile(
    r"(?P<comment><!--(?:(?!-->).)*-->\n\n?)?^```(?P<language>console|python)\n(?P<text>.*?)^```$", re.M | re.S
)
LEFT_ALONE = re.compile(r"<!-- (?:not run|set-up):")


class Block(NamedTuple):
    document: Path
    line: int
    language: str
    text: str
    start: int
    end: int

    @property
    def place(self) -> str:
        return f"{self.document.relative_to(ROOT)}:{self.line}"


def blocks(document: Path) -> Iterator[Block]:
    content = document.read_text(encoding="utf-8")
    for match in BLOCK.finditer(content):
        if not LEFT_ALONE.match(match["comment"] or ""):
            line = content.count("\n", 0, match.start("text"))
            yield Block(document, line, match["language"], match["text"], match.start("text"), match.end("text"))


CONSOLE = [block for document in DOCUMENTS for block in blocks(document) if block.language == "console"]
WITH_PYTHON = [document for document in DOCUMENTS if any(block.language == "python" for block in blocks(document))]


def steps(text: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output below it."""
    parts = re.split(r"^\$ (.*(?:\\\n.*)*)\n", text, flags=re.M)
    assert not parts[0].strip(), "a console block begins with a `$ command` line"
    return list(zip(parts[1::2], parts[2::2], strict=True))


def workplace(folder: Path) -> dict[str, str]:
    """Copies what examples may touch, and returns an environment in which `hpadvise` is this checkout's."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    commands = folder / ".commands"
    commands.mkdir()
    for name, line in {
        "hpadvise": f'exec "{sys.executable}" -m advisor "$@"',
        "python": f'exec "{sys.executable}" "$@"',
    }.items():
        script = commands / name
        script.write_text(f"#!/bin/sh\n{line}\n")
        script.chmod(0o755)
    inherited = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "COLUMNS")}
    path = os.pathsep.join([str(commands), inherited.get("PATH", os.defpath)])
    return {
        **inherited,
        "PATH": path,
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "NO_COLOR": "1",
        "PYTHONIOENCODING": "utf-8",
    }


def printed(command: str, folder: Path, environment: dict[str, str]) -> str:
    result = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=60,
        encoding="utf-8",
    )
    assert "internal error" not in result.stdout, result.stdout
    return result.stdout


def as_lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().splitlines()]


def pattern(expected: str) -> re.Pattern[str]:
    written = [
        r"(?:.*\n)*?" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r"\n"
        for line in as_lines(expected)
    ]
    return re.compile("".join(written))


@pytest.mark.parametrize("block", CONSOLE, ids=lambda block: block.place)
def test_commands_print_what_the_documents_say(block: Block, tmp_path: Path) -> None:
    environment = workplace(tmp_path)
    for command, expected in steps(block.text):
        actual = "\n".join(as_lines(printed(command, tmp_path, environment)))
        if not pattern(expected).fullmatch(actual + "\n" if actual else ""):
            assert actual == "\n".join(as_lines(expected)), f"{block.place}: {command}"


@pytest.mark.parametrize("document", WITH_PYTHON, ids=lambda document: str(document.relative_to(ROOT)))
def test_python_examples_hold(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__example__"}
    for block in blocks(document):
        if block.language != "python":
            continue
        if ">>>" not in block.text:
            exec(compile(block.text, block.place, "exec"), names)
            continue
        test = doctest.DocTestParser().get_doctest(block.text, names, block.place, block.place, block.line)
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        problems: list[str] = []
        runner.run(test, out=problems.append, clear_globs=False)
        names.update(test.globs)
        assert not problems, "".join(problems)


def rewritten(document: Path, folder: Path) -> str:
    """The document with what its commands print now."""
    content = document.read_text(encoding="utf-8")
    for number, block in reversed(list(enumerate(blocks(document)))):
        if block.language == "console" and "..." not in block.text:
            place = folder / f"{document.stem}-{number}"
            place.mkdir()
            environment = workplace(place)
            text = "".join(
                f"$ {command}\n" + "".join(f"{line}\n" for line in as_lines(printed(command, place, environment)))
                for command, _ in steps(block.text)
            )
            content = content[: block.start] + text + content[block.end :]
    return content


def main() -> None:
    for document in DOCUMENTS:
        with tempfile.TemporaryDirectory() as folder:
            document.write_text(rewritten(document, Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
