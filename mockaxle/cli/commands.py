"""What the verbs share: -h, an example at the end of their help, and advice for a mistyped name."""

from collections.abc import Iterable

import click

from mockaxle.contract.nearest import MAX_LENGTH, closest

HELP = {"help_option_names": ["-h", "--help"]}


def example(line: str) -> str:
    """The last line of a verb's help: a call that works as it is."""
    return f"\b\nExample: {line}"


class AdvisingGroup(click.Group):
    """A group that suggests the nearest command for a mistyped one."""

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Raises: click.UsageError if there is no such command, except during completion."""
        name = args[0]
        if self.get_command(context, name) is None and not context.resilient_parsing:
            raise click.UsageError(_no_such("command", name, self.list_commands(context), context=context), context)
        return super().resolve_command(context, args)


def no_such_option(error: click.NoSuchOption) -> str:
    """The message for a mistyped option, with the nearest one of the same verb."""
    assert error.ctx
    options = [param for param in error.ctx.command.get_params(error.ctx) if isinstance(param, click.Option)]
    known = [name for option in options for name in (*option.opts, *option.secondary_opts)]
    return _no_such("option", error.option_name, known, context=error.ctx)


def _no_such(what: str, name: str, known: Iterable[str], *, context: click.Context) -> str:
    found = closest(name, known)
    advice = f"did you mean {found!r}?" if found else f"`{context.command_path} --help` lists the {what}s"
    return f"no {what} {name[:MAX_LENGTH]!r}; {advice}"
