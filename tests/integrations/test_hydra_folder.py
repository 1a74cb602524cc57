"""A folder of Hydra's config groups, composed by Hydra itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests_engine import engine

import advisor
from advisor.engine import Options, check_paths
from advisor.reading import ReadingError, read_file

engine("hydra")

FILES = {
    "config.yaml": "defaults:\n  - model: resnet\n  - optimizer: adamw\n  - _self_\nseed: 1\nlr: 0.3\nbatch_size: 64\n",
    "model/resnet.yaml": "_target_: torchvision.models.resnet18\nnum_classes: 10\n",
    "optimizer/adamw.yaml": "_target_: torch.optim.AdamW\n_partial_: true\nlr: ${lr}\nweight_decay: 1e-4\n",
}


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "conf" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "conf"


def test_a_named_folder_is_composed(conf: Path) -> None:
    report = check_paths([str(conf)], Options(fail_on="never"))
    (file,) = report.files
    assert file.dialect == "hydra" and file.path == str(conf / "config.yaml")
    read = {name: cell.value for name, cell in file.parameters.items()}
    assert read["learning_rate"] == 0.3 and read["optimizer"] == "adamw" and read["weight_decay"] == 1e-4
    assert read["batch_size"] == 64 and read["num_classes"] == 10


def test_a_folder_that_cannot_be_composed_says_why(conf: Path) -> None:
    (conf / "model" / "resnet.yaml").unlink()
    with pytest.raises(ReadingError, match=r"cannot be composed: .*model/resnet"):
        read_file(conf)
    (file,) = advisor.check(str(conf)).files
    assert file.status == "failed"


def test_a_search_path_into_a_package_is_never_followed(conf: Path) -> None:
    text = (conf / "config.yaml").read_text()
    (conf / "config.yaml").write_text(text + "hydra:\n  searchpath:\n    - pkg://somewhere\n")
    with pytest.raises(ReadingError, match="folder"):
        read_file(conf)
