"""The data files of the package: `_data/` in a wheel, the repository's own folders in a checkout."""

from importlib.resources import files
from importlib.resources.abc import Traversable


def data_file(*path: str) -> Traversable:
    package = files("mockaxle")
    packaged = package / "_data"
    root = packaged if packaged.is_dir() else package / ".."
    return root.joinpath(*path)
