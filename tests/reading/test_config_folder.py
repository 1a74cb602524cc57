"""Without Hydra a folder of its config groups is read file by file; with it, see tests/integrations."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from advisor.engine import Options, check_paths
from advisor.reading import ReadingError, read_file

FILES = {
    "config.yaml": "defaults:\n  - optimizer: adamw\n  - _self_\nlr: 0.3\n",
    "optimizer/adamw.yaml": "_target_: torch.optim.AdamW\nlr: ${lr}\n",
}


@pytest.mark.skipif(find_spec("hydra") is not None, reason="hydra is installed")
def test_the_files_are_read_one_by_one(tmp_path: Path) -> None:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    paths = {Path(file.path).name for file in check_paths([str(tmp_path)], Options(fail_on="never")).files}
    assert paths == {"config.yaml", "adamw.yaml"}
    with pytest.raises(ReadingError, match="folder"):
        read_file(tmp_path)
