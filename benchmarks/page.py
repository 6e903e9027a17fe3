"""docs/performance.md and the chart next to it, written from the parts of a run."""

import os
import platform
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from benchmarks.chart import growth_chart
from benchmarks.markdown import paragraph, table
from benchmarks.part import Part

DOCS = Path(__file__).parents[1] / "docs"
WRITTEN = "<!-- make bench writes this page -->"
INTRODUCTION = (
    "`make bench` measures what the mock costs. It starts the mock and a bare ASGI function, which answers one fixed "
    "JSON body, with the same uvicorn settings in the same run. Of both it measures requests per second, processor "
    "time and start-up; of the mock alone it measures how long a request or the garbage collector holds the server, "
    "memory, and how the cost of a call grows with the number of sites. Requests per second and waiting times vary "
    "with what else the machine does; shares and processor times vary less."
)
ABOUT_AIMS = (
    "A figure that was measured several times is the median, with the lowest and the highest in brackets; the median "
    "has to reach the aim."
)
ABOUT_OTHERS = "`make bench OTHERS=1` adds a table that compares the mock with WireMock, Prism and Mockoon."


class Machine(NamedTuple):
    cpu: str
    cores: int
    system: str
    kernel: str
    versions: Mapping[str, str]

    def __str__(self) -> str:
        named = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return f"{self.cpu}, {self.cores} cores; {self.system}, Linux {self.kernel}; {named}"


def this_machine() -> Machine:
    versions = {name: version(name) for name in ("uvicorn", "uvloop", "mockaxle")}
    return Machine(
        _cpu_model(),
        len(os.sched_getaffinity(0)),
        platform.freedesktop_os_release()["PRETTY_NAME"],
        platform.release(),
        {"Python": platform.python_version(), **versions},
    )


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())


def page(parts: Mapping[str, Part], *, machine: Machine, on: date) -> str:
    """Write the page. Shape: `parts` by the names that `python -m benchmarks.run` takes."""
    aims = table(("figure", "measured", "aim", "reached"), [aim.row() for part in parts.values() for aim in part.aims])
    sections = [_section(name, part) for name, part in parts.items()]
    introduction = INTRODUCTION if "others" in parts else f"{INTRODUCTION} {ABOUT_OTHERS}"
    opening = [
        *("# Performance", WRITTEN, paragraph(introduction), paragraph(f"Measured on {on.isoformat()}: {machine}.")),
        *("## Summary", aims, paragraph(ABOUT_AIMS)),
    ]
    return "\n\n".join([*opening, *sections]) + "\n"


def _section(name: str, part: Part) -> str:
    chart = [f"![{part.title}: {', '.join(part.lines)}]({chart_name(name)})"] if part.lines else []
    return "\n\n".join([f"## {part.title}", part.text, *chart])


def chart_name(name: str) -> str:
    return f"performance-{name}.svg"


def write(parts: Mapping[str, Part], folder: Path) -> Path:
    """Write the page and its charts. Returns the path of the page."""
    for name, part in parts.items():
        if part.lines:
            (folder / chart_name(name)).write_bytes(growth_chart(part.lines))
    path = folder / "performance.md"
    path.write_text(page(parts, machine=this_machine(), on=datetime.now(UTC).date()), encoding="utf-8")
    return path
