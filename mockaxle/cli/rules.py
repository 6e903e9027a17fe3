"""`mockaxle rules`: the rules of the mock, each with its grade, source, statement and tests."""

import shutil
import sys
from collections.abc import Iterator
from re import split
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from mockaxle.cli.commands import example

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from mockaxle.contract.ledger import Rule

MAX_WIDTH = 100
SOURCES = {"D": "documented by the vendor", "O": "observed on the live service", "M": "decided by the mock"}


def complete_rule(context: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    from click.shell_completion import CompletionItem

    from mockaxle.contract.ledger import load_ledger

    rules = (rule for rule in load_ledger().values() if rule.id.startswith(incomplete.upper()))
    return [CompletionItem(rule.id, help=first_sentence(rule)) for rule in rules]


@click.command(epilog=example("mockaxle rules F5"))
@click.argument("ids", metavar="[ID]...", nargs=-1, shell_complete=complete_rule)
def rules(ids: tuple[str, ...]) -> None:
    """Print the rules of these IDs, with grade, source, statement and tests. Without an ID, list all rules.

    Grades: D is documented by the vendor, O observed on the live service, M decided by the mock.
    """
    from mockaxle.contract.ledger import load_ledger

    if ids:
        click.echo("\n\n".join("\n".join(_lines(rule)) for rule in [_rule(id) for id in ids]))
        return
    for rule in load_ledger().values():
        click.echo(_cut(f"{rule.id:4} {rule.grade:6} {first_sentence(rule)}"))


def first_sentence(rule: "Rule") -> str:
    """The first sentence of a rule, in one line."""
    return split(r"(?<=\.) (?=[A-Z`])", " ".join(rule.statement.split()), maxsplit=1)[0]


def _rule(id: str) -> "Rule":
    """The rule of an id in any case. Raises: click.UsageError."""
    from mockaxle.contract.ledger import load_ledger
    from mockaxle.contract.nearest import closest

    ledger = load_ledger()
    if id.upper() in ledger:
        return ledger[id.upper()]
    found = closest(id, ledger)
    advice = f"did you mean {found!r}?" if found else "`mockaxle rules` lists them"
    raise click.UsageError(f"no rule {id!r:.60}; {advice}")


def _lines(rule: "Rule") -> Iterator[str]:
    from mockaxle.contract.ledger import tests_by_rule

    built = "" if rule.built or rule.kind == "fact" else " (not built)"
    yield click.style(f"{rule.id}{built}", bold=True)
    yield f"Grade:  {rule.grade}"
    yield f"Source: {_source(rule)}"
    yield ""
    for line in rule.statement.strip().splitlines():
        yield from [line] if line.startswith("|") else _wrapped(line)
    tests = tests_by_rule().get(rule.id, ())
    if tests:
        yield "\nTests:"
        yield from (f"  {test}" for test in tests)


def _source(rule: "Rule") -> str:
    """Where the rule is from; of a mixed grade, its statement says which part is which."""
    sources = "; ".join(SOURCES[grade] for grade in rule.grade.split("+"))
    return f"{sources}; quoted by others" if rule.source else sources


def _wrapped(line: str) -> list[str]:
    """The line, on a terminal in lines that fit."""
    if not sys.stdout.isatty():
        return [line]
    width = min(shutil.get_terminal_size().columns, MAX_WIDTH)
    return wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]


def _cut(line: str) -> str:
    """The line, on a terminal no longer than a line of it."""
    width = shutil.get_terminal_size().columns
    return line if len(line) <= width or not sys.stdout.isatty() else f"{line[: width - 3]}..."
