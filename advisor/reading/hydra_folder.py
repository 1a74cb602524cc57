"""A folder of Hydra's, `conf/config.yaml` with a `defaults:` list beside group folders, composed as Hydra would.

Hydra itself does it, where it is installed; nothing that the config names is built or run.  Without Hydra the files of
the folder are read one by one, each for itself.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from advisor.document import Document
from advisor.reading.common import ReadingError

_PRIMARY = ("config.yaml", "config.yml")
_DEFAULTS = re.compile(r"^defaults\s*:", re.MULTILINE)
#: A search path into a package would import it.
_IMPORTS = re.compile(r"pkg://")


def composable(path: str | Path) -> bool:
    """Whether a path is a folder with a primary config that lists its defaults, and Hydra is there to compose it."""
    primary = _primary(Path(path))
    if primary is None or find_spec("hydra") is None:
        return False
    try:
        text = primary.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return bool(_DEFAULTS.search(text)) and not _IMPORTS.search(text)


def _primary(folder: Path) -> Path | None:
    return next((folder / name for name in _PRIMARY if (folder / name).is_file()), None)


def compose(path: str | Path) -> Document:
    """The primary config of a folder with all its groups, references resolved as far as that goes without a run.

    Raises:
        ReadingError: Hydra cannot compose it; the message is Hydra's.
    """
    from hydra import compose as composed
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    folder = Path(path).resolve()
    primary = _primary(folder)
    if primary is None:
        raise ReadingError("this folder holds no config.yaml")
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(config_dir=str(folder), version_base=None):
            config = composed(config_name=primary.stem)
    except (HydraException, OmegaConfBaseException) as problem:
        raise ReadingError(f"cannot be composed: {str(problem).splitlines()[0]}") from None
    try:
        data: Any = OmegaConf.to_container(config, resolve=True)
    except OmegaConfBaseException:  # a resolver of the application, or an environment variable
        data = OmegaConf.to_container(config, resolve=False)
    return Document(str(Path(path) / primary.name), "object", data)
