"""`mockaxle completion`, driven as a shell drives it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_serve import run


def completed(line: str, shell: str = "bash") -> list[str]:
    """What a shell would offer for the last word of a line."""
    place = str(len(line.split(" ")) - 1)
    done = run(_MOCKAXLE_COMPLETE=f"{shell}_complete", COMP_WORDS=line, COMP_CWORD=place)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split("\n")[:-1] if done.stdout.strip() else []


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("mockaxle sc", ["plain,scenario"]),
        ("mockaxle rul", ["plain,rules"]),
        ("mockaxle scenario lo", ["plain,load"]),
        ("mockaxle serve --port", ["plain,--port", "plain,--port-file"]),
        ("mockaxle serve --scenario bu", ["plain,busy-evening"]),
        ("mockaxle magic --scenario=bu", ["plain,busy-evening"]),
        ("mockaxle scenario load bu", ["plain,busy-evening"]),
        ("mockaxle scenario check autumn", ["plain,autumn-back"]),
        ("mockaxle scenario check ./my-own", ["file,./my-own"]),
        ("mockaxle fault cl", ["plain,clear"]),
        ("mockaxle fault add re", ["plain,revoke_token", "plain,reset"]),
        ("mockaxle fault add reset --moment a", ["plain,after"]),
        ("mockaxle log --fo", ["plain,--follow"]),
        ("mockaxle contract sm", ["plain,smart-charging"]),
        ("mockaxle check --profile vp", ["plain,vpp"]),
        ("mockaxle rules f1", ["plain,F1", "plain,F10", "plain,F11", "plain,F12", "plain,F13"]),
        ("mockaxle rule F1 q11", ["plain,Q11"]),
        ("mockaxle completion z", ["plain,zsh"]),
        ("mockaxle sevre --po", []),
    ],
)
def test_names_are_completed(line: str, offered: list[str]) -> None:
    assert completed(line) == offered


def test_zsh_gets_the_help_of_a_verb_and_a_rule() -> None:
    assert completed("mockaxle wa", "zsh") == ["plain", "wait", "Wait until a mock is up."]
    assert completed("mockaxle rules G2", "zsh")[:2] == ["plain", "G2"]
    assert "#compdef mockaxle" in run("completion", "zsh").stdout


def test_bash_completes_by_the_script() -> None:
    script = (
        f'PATH="{Path(sys.executable).parent}:$PATH"; eval "$(mockaxle completion bash)"; '
        'COMP_WORDS=(mockaxle scenario load bu); COMP_CWORD=3; _mockaxle_completion mockaxle; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "busy-evening\n", "")


def test_an_unknown_shell_is_refused_with_those_there_are() -> None:
    done = run("completion", "csh")
    assert (done.returncode, "'bash', 'zsh'" in done.stderr) == (2, True)


def test_completing_a_verb_imports_no_verb() -> None:
    code = "import sys; from mockaxle.cli.main import cli; import click; cli.shell_complete(click.Context(cli), ''); "
    code += "print(*sorted(name for name in sys.modules if name.startswith('mockaxle.cli.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["mockaxle.cli.commands", "mockaxle.cli.main"]
