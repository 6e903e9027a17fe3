"""`make bench`: runs all parts and writes docs/performance.md. Named parts are printed, and nothing is written."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks import growth, holds, lasting, memory, others, page, pauses, sharing, startup, throughput
from benchmarks.part import Part, progress

PARTS: Mapping[str, Callable[[], Part]] = {
    "throughput": throughput.report,
    "holds": holds.report,
    "pauses": pauses.report,
    "startup": startup.report,
    "memory": memory.report,
    "growth": growth.report,
    "lasting": lasting.report,
    "sharing": sharing.report,
    "others": others.report,
}


def main(
    arguments: Sequence[str] | None = None,
    *,
    parts: Mapping[str, Callable[[], Part]] = PARTS,
    folder: Path = page.DOCS,
) -> None:
    named, with_others = _read(arguments, parts)
    chosen = dict.fromkeys(named or (name for name in parts if name != "others"))
    found = {}
    for name in chosen | ({"others": None} if with_others else {}):
        progress(f"{name} ...")
        found[name] = parts[name]()
        print(f"\n{found[name].text}", flush=True)
    if not named:
        progress(f"wrote {page.write(found, folder)}")


def _read(arguments: Sequence[str] | None, parts: Mapping[str, object]) -> tuple[list[str], bool]:
    """Return the names of parts, and whether other mock servers are measured too."""
    parser = ArgumentParser("python -m benchmarks.run", description=(__doc__ or "").partition(": ")[2])
    parser.add_argument("parts", nargs="*", metavar="part", help=f"one of {', '.join(parts)}")
    parser.add_argument("--others", action="store_true", help="measure WireMock, Prism and Mockoon, too")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.parts if name not in parts]:
        parser.error(f"there is no part {unknown[0]!r}; the parts are {', '.join(parts)}")
    return options.parts, options.others


if __name__ == "__main__":
    main()
