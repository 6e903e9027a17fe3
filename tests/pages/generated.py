"""The pages and parts of docs/ that are generated; `python -m tests.pages.generated` writes them."""

import inspect
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any, Final

import click

from mockaxle.cli.main import VERBS, cli
from mockaxle.contract.document import load_contract
from mockaxle.contract.ledger import Rule, load_ledger, tests_by_rule
from mockaxle.contract.profiles import profiles
from mockaxle.harness.journeys.suite import JOURNEYS
from mockaxle.testing.world import (
    Clock,
    Faults,
    HomeAssistant,
    Inbox,
    Log,
    Market,
    Money,
    ReceiverHandle,
    Snapshot,
    World,
)

DOCS: Final = Path(__file__).parents[2] / "docs"
LEDGER = Path(__file__).parents[2] / "contracts" / "behaviours.toml"
WIDTH = 100
HANDLES = {
    "mockaxle": World,
    "mockaxle.clock": Clock,
    "mockaxle.market": Market,
    "mockaxle.faults": Faults,
    "mockaxle.inbox": Inbox,
    "mockaxle.log": Log,
    "mockaxle.money": Money,
    "mockaxle.home_assistant": HomeAssistant,
    "ReceiverHandle, from mockaxle.receiver()": ReceiverHandle,
    "Snapshot, from mockaxle.snapshot()": Snapshot,
}
WRITTEN = "<!-- python -m tests.pages.generated writes this page -->\n"


def operations() -> str:
    """A row for each operation, with the products that need it."""
    rows = []
    for operation in load_contract().operations:
        summary = load_contract().document["paths"][operation.path][operation.verb.lower()]["summary"]
        products = [name for name, about in profiles().items() if operation.key in about["operations"]]
        rows.append((f"`{operation.key}`", summary, ", ".join(products)))
    return (
        f"# Operations\n\n{WRITTEN}\n"
        "`GET /openapi.json` describes every operation, and `/docs` lets you try them in a browser.\n"
        "`mockaxle contract PRODUCT` prints the part of the document that a product needs.\n\n"
        + _table(("operation", "what it does", "products"), rows)
    )


def command_line() -> str:
    """The help of every verb."""
    parts = [f"# Command line\n\n{WRITTEN}", _help("mockaxle", cli)]
    for verb in VERBS:
        command = cli.get_command(click.Context(cli), verb)
        assert command is not None
        parts += _helps(f"mockaxle {verb}", command)
    return "\n".join(parts)


def rules() -> str:
    """Every rule, below the headings of the ledger."""
    parts = [
        f"# Rules\n\n{WRITTEN}\n"
        "Every rule that the mock follows. Grades: D is documented by the vendor, O observed on the live service, M\n"
        "decided by the mock. A rule that is not built yet says so.\n"
    ]
    for heading, ids in _sections():
        parts.append(f"## {heading}\n")
        parts += [_rule(load_ledger()[id]) for id in ids]
    return "\n".join(parts)


def fixture() -> str:
    """The methods and properties of the fixture, with their types."""
    parts = []
    for name, handle in HANDLES.items():
        lines = [f"- `{signature}`: {about}\n" for signature, about in _members(handle)]
        parts.append(f"### {name}\n\n{''.join(lines)}")
    return "\n" + "\n".join(parts) + "\n"


def journeys() -> str:
    rows = [(name, inspect.getdoc(go) or "") for name, go in JOURNEYS.items()]
    return _table(("journey", "what happens"), rows)


PAGES: Final[dict[str, Callable[[], str]]] = {"operations.md": operations, "cli.md": command_line, "rules.md": rules}
PARTS: Final[dict[str, tuple[str, Callable[[], str]]]] = {
    "in-your-tests.md": ("fixture", fixture),
    "checking-a-server.md": ("journeys", journeys),
}


def with_part(text: str, mark: str, part: str) -> str:
    """The text with what stands between two marks replaced."""
    return re.sub(
        rf"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)", lambda marks: marks[1] + part + marks[2], text, flags=re.S
    )


def pages() -> Iterator[tuple[Path, str]]:
    """Each page as it is to be."""
    for name, page in PAGES.items():
        yield DOCS / name, page()
    for name, (mark, part) in PARTS.items():
        yield DOCS / name, with_part((DOCS / name).read_text(encoding="utf-8"), mark, part())


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _helps(name: str, command: click.Command) -> Iterator[str]:
    yield _help(name, command)
    if isinstance(command, click.Group):
        for verb, one in command.commands.items():
            yield from _helps(f"{name} {verb}", one)


def _help(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name, terminal_width=WIDTH, **cli.context_settings)
    return f"## {name}\n\n```text\n{command.get_help(context)}\n```\n"


def _sections() -> Iterator[tuple[str, list[str]]]:
    """The headings of the ledger, each with the ids below it."""
    text = LEDGER.read_text(encoding="utf-8")
    _, *parts = re.split(r"^# \d+\. (.*)$", text, flags=re.M)
    for heading, body in zip(parts[::2], parts[1::2], strict=True):
        yield heading, list(tomllib.loads(body))


def _rule(rule: Rule) -> str:
    facts = [f"Grade {rule.grade}"]
    facts += ["quoted from the vendor by others"] if rule.source else []
    facts += [] if rule.built or rule.kind == "fact" else ["not built"]
    facts += ["a fact, with nothing to build"] if rule.kind == "fact" else []
    tests = "".join(f"- `{test}`\n" for test in tests_by_rule().get(rule.id, ()))
    return f"### {rule.id}\n\n{rule.statement.strip()}\n\n{'; '.join(facts)}.\n" + (
        f"\nTests:\n\n{tests}" if tests else ""
    )


def _members(handle: type[Any]) -> Iterator[tuple[str, str]]:
    """Signatures and first lines of docstrings, in the order of the source."""
    for name, member in vars(handle).items():
        if name.startswith("_"):
            continue
        function = getattr(member, "fget", None) or getattr(member, "func", member)
        if isinstance(function, FunctionType):
            yield _signature(name, function, is_call=function is member), _first_line(function)


def _signature(name: str, function: FunctionType, *, is_call: bool) -> str:
    """The name with parameters and types, without the modules of the types."""
    signature = inspect.signature(function)
    parameters = [
        one.replace(annotation=Shown(_type(one.annotation))) for one in list(signature.parameters.values())[1:]
    ]
    shown = str(signature.replace(parameters=parameters, return_annotation=Shown(_type(signature.return_annotation))))
    return name + (shown if is_call else shown.removeprefix("()"))


class Shown:
    """An annotation that is shown as a text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _type(annotation: object) -> str:
    shown = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return re.sub(r"\b(?:[a-z_]+\.)+", "", shown)


def _first_line(function: FunctionType) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0].partition(" Raises:")[0]


if __name__ == "__main__":
    for path, text in pages():
        path.write_text(text, encoding="utf-8")
