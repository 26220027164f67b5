"""A copy of bakegen and its data, for tests that add to it."""

import shutil
from pathlib import Path

from bakegen.catalog import PROJECT_FOLDER, TEMPLATES

ROOT = Path(__file__).parents[1]


def copied(folder: Path) -> Path:
    """Copy into a folder; gives back what goes on PYTHONPATH."""
    shutil.copytree(ROOT / "generator", folder / "generator", ignore=shutil.ignore_patterns("__pycache__"))
    for name in (PROJECT_FOLDER, TEMPLATES):
        shutil.copytree(ROOT / name, folder / name)
    return folder / "generator"
