"""`mockaxle rules`: the rules of the mock, each with its grade, source, text, statements and tests."""

import shutil
import sys
from collections.abc import Iterator
from re import split
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from mockaxle.cli.commands import example
from mockaxle.cli.options import flag_only

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from mockaxle.contract.ledger import Rule, Statement

MAX_WIDTH = 100


def complete_rule(context: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    from click.shell_completion import CompletionItem

    from mockaxle.contract.ledger import load_ledger

    rules = (rule for rule in load_ledger().values() if rule.id.startswith(incomplete.upper()))
    return [CompletionItem(rule.id, help=first_sentence(rule)) for rule in rules]


@click.command(epilog=example("mockaxle rules F5"))
@click.argument("ids", metavar="[ID]...", nargs=-1, shell_complete=complete_rule)
@flag_only("--coverage", is_flag=True, help="Print which suites judge each statement; without an ID, of D and O.")
def rules(ids: tuple[str, ...], coverage: bool) -> None:
    """Print the rules of these IDs, with grade, source, text, statements and tests. Without an ID, list all rules.

    A statement is a part of a rule that `mockaxle check` can judge.

    Grades: D is documented by the vendor, O observed on the live service, M decided by the mock. A planted fault of
    --coverage is one that the tests of mockaxle plant in front of the mock, to see whether a check finds it.
    """
    from mockaxle.cli.coverage import lines
    from mockaxle.contract.ledger import load_ledger

    if coverage:
        named = [_rule(id) for id in ids]
        for line in lines(named or load_ledger().values(), grades="DOM" if named else "DO"):
            click.echo(line)
        return
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
    if rule.statements:
        yield "\nStatements:"
        yield from (line for one in rule.statements for line in _statement(one))
    tests = tests_by_rule().get(rule.id, ())
    if tests:
        yield "\nTests:"
        yield from (f"  {test}" for test in tests)


def _statement(statement: "Statement") -> Iterator[str]:
    yield from _wrapped(f"{statement.id:4} {statement.grade} {statement.says}", indent=2, hanging=9)
    if statement.unobservable:
        yield from _wrapped(f"not observable from outside: {statement.unobservable}", indent=9, hanging=9)


def _source(rule: "Rule") -> str:
    """Where the rule is from; of a mixed grade, its statement says which part is which."""
    from mockaxle.contract.ledger import GRADES

    sources = "; ".join(GRADES[grade] for grade in rule.grade.split("+"))
    return f"{sources}; quoted by others" if rule.source else sources


def _wrapped(line: str, *, indent: int = 0, hanging: int = 0) -> list[str]:
    """The line, on a terminal in lines that fit. Units: spaces before the first line, and before the others."""
    if not sys.stdout.isatty():
        return [" " * indent + line]
    width = min(shutil.get_terminal_size().columns, MAX_WIDTH)
    first, others = " " * indent, " " * hanging
    lines = wrap(
        line,
        width,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines or [""]


def _cut(line: str) -> str:
    """The line, on a terminal no longer than a line of it."""
    width = shutil.get_terminal_size().columns
    return line if len(line) <= width or not sys.stdout.isatty() else f"{line[: width - 3]}..."
