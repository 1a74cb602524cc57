"""The trainer that docs/dialects.md describes as an example is read as it says there."""

from __future__ import annotations

import re
from pathlib import Path

from advisor import settings
from advisor.engine import Options, check_paths

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "dialects.md"


def test_the_trainer_of_the_guide_is_read_as_it_says(tmp_path: Path) -> None:
    blocks = dict(re.findall(r"^```(toml|yaml)\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.M | re.S))
    (tmp_path / "hpadvise.toml").write_text(blocks["toml"], encoding="utf-8")
    (tmp_path / "run.yaml").write_text(blocks["yaml"], encoding="utf-8")
    settled = settings.load(str(tmp_path / "hpadvise.toml"))
    (file,) = check_paths([str(tmp_path / "run.yaml")], Options(settings=settled)).files
    assert file.dialect == "ours"
    assert file.context["optimizer"] == "adamw"
    assert {name: value.value for name, value in file.parameters.items()} == {
        "model": "bert-base-uncased",
        "learning_rate": 3e-5,
        "epochs": 3,
        "warmup_ratio": 0.06,
    }
    assert file.findings == ()
