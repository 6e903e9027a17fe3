"""Every fault, whichever module of this folder it is in."""

from importlib import import_module
from pathlib import Path

from tests.mutants.planting import FAULTS

FOLDER = Path(__file__).parent
for file in sorted((*FOLDER.glob("in_*.py"), *FOLDER.glob("of_*.py"))):
    import_module(f"tests.mutants.{file.stem}")
import_module("tests.mutants.generated")

__all__ = ["FAULTS"]
