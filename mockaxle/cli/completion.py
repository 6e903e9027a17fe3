"""`mockaxle completion`, and the names that a shell completes as values."""

from typing import TYPE_CHECKING

import click

from mockaxle.cli.commands import example

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

VARIABLE = "_MOCKAXLE_COMPLETE"


@click.command(epilog=example('eval "$(mockaxle completion bash)"'))
@click.argument("shell", type=click.Choice(["bash", "zsh"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a completion script for SHELL (bash or zsh).

    Run the example's line in ~/.bashrc. In ~/.zshrc, run it with zsh instead of bash, after compinit.
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind
    click.echo(kind(context.find_root().command, {}, "mockaxle", VARIABLE).source(), nl=False)


def complete_scenario(context: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """The shipped scenarios that begin with the text, or else files."""
    from click.shell_completion import CompletionItem

    from mockaxle.scenarios.shipped import about, shipped_names

    names = [name for name in shipped_names() if name.startswith(incomplete)]
    return [CompletionItem(name, help=about(name)) for name in names] or [CompletionItem(incomplete, type="file")]
