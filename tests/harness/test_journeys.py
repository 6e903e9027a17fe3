"""The README's table of journeys is made of the journeys."""

import inspect
import re
from pathlib import Path

from mockaxle.harness.journeys import JOURNEYS

README = Path(__file__).parents[2] / "README.md"
MARKS = re.compile(r"<!-- journeys -->\n(.*?)<!-- /journeys -->", re.DOTALL)


def table() -> str:
    rows = [f"| {name} | {inspect.getdoc(go)} |" for name, go in JOURNEYS.items()]
    return "\n".join(["| journey | what happens |", "| --- | --- |", *rows]) + "\n"


def test_the_readme_tells_every_journey_in_its_own_words() -> None:
    marked = MARKS.search(README.read_text(encoding="utf-8"))
    assert marked
    assert marked[1] == table(), "python -m tests.harness.test_journeys writes it"


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    README.write_text(MARKS.sub(lambda _: f"<!-- journeys -->\n{table()}<!-- /journeys -->", text), encoding="utf-8")
