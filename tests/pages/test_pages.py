"""README and docs: bounds, links, generated parts, and the site that mkdocs builds."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockaxle.control.views import VIEWS
from mockaxle.core.reference import Settings
from mockaxle.harness.suites import SUITES
from mockaxle.testing.plugin import OPTIONS
from mockaxle.world.awkwardness import Awkward
from mockaxle.world.commands.rows import ROWS
from mockaxle.world.faults import FaultKind
from tests.pages.generated import DOCS, pages

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TEXTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]
MAX_LINES, MAX_WORDS = 130, 700


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= MAX_LINES
    assert len(README.split()) <= MAX_WORDS


def test_the_readme_says_what_the_mock_is_not() -> None:
    opening = README.partition("\n## ")[0]
    assert "unofficial and not affiliated with Axle Energy" in opening
    assert "real customers' data" in opening


@pytest.mark.parametrize(("path", "text"), [*pages()], ids=lambda value: value.name if isinstance(value, Path) else "")
def test_a_generated_page_is_current(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, "python -m tests.pages.generated writes it"


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def test_the_pages_name_every_fault_setting_suite_and_option() -> None:
    named = {
        "faults": [*FaultKind, *Awkward],
        "control": [*Settings._fields],
        "checking-a-server": [*SUITES],
        "in-your-tests": [f"--mockaxle-{name}" for name in OPTIONS],
    }
    texts = {name: re.findall(r"[-\w]+", page(name)) for name in named}
    assert {name: [word for word in words if word not in texts[name]] for name, words in named.items()} == {
        name: [] for name in named
    }


def test_the_pages_name_every_call_of_control() -> None:
    cells = re.findall(r"^\| ([^|]+) \|", page("control") + page("faults"), re.MULTILINE)
    named = {f"{verb} {path}" for cell in cells for verb, path in spread(cell)}
    calls = [tuple(row.key.split(" ")) for row in ROWS] + [("GET", view.path) for view in VIEWS]
    assert [call for call in calls if f"{call[0]} /world{call[1]}" not in named] == []


def spread(cell: str) -> Iterator[tuple[str, str]]:
    """The verbs and paths of a cell such as "`PATCH`, `DELETE /world/x`, `DELETE /world/y`"."""
    verbs: list[str] = []
    for part in re.findall(r"`([^`]+)`", cell):
        verb, _, path = part.partition(" ")
        verbs.append(verb)
        if path:
            yield from ((one, path) for one in verbs)
            verbs = []


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file_and_a_heading(text: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)]+)\)", text.read_text(encoding="utf-8"))
    assert [target for target in targets if not leads_somewhere(text, target)] == []


def leads_somewhere(text: Path, target: str) -> bool:
    name, _, heading = target.partition("#")
    file = (text.parent / name).resolve() if name else text
    if not heading:
        return file.exists()
    headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return heading in {re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings}


def test_the_site_builds_strictly_with_every_page(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    built = {file.parent.name for file in tmp_path.rglob("index.html")}
    assert {page.stem for page in DOCS.glob("*.md")} - {"index"} <= built
