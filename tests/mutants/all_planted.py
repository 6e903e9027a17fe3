"""Every mutant, whichever file of this folder it is in."""

from importlib import import_module
from pathlib import Path

from tests.mutants.planting import MUTANTS

for file in sorted(Path(__file__).parent.glob("of_*.py")):
    import_module(f"tests.mutants.{file.stem}")

__all__ = ["MUTANTS"]
