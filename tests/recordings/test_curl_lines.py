"""A line that repeats a call can be pasted: nothing that a server or a schema made up is run by the shell."""

import shlex

import pytest

from mockaxle.recordings.curl import curl_line

EVIL = "$(touch owned) `touch owned` 'x' \"y\""


def test_every_word_of_a_line_is_quoted() -> None:
    line = curl_line(EVIL, f"http://127.0.0.1/{EVIL}", body=f"@{EVIL}")
    token, json = ["-H", "Authorization: Bearer $TOKEN"], ["-H", "Content-Type: application/json"]
    assert shlex.split(line) == [
        "curl", "-g", "--path-as-is", "-X", EVIL, f"http://127.0.0.1/{EVIL}", *token, *json, "--data-raw", f"@{EVIL}"
    ]  # fmt: skip
    assert shlex.quote(EVIL) in line


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (curl_line("GET", "/x?q=a b", has_token=False), "curl -g --path-as-is -X GET \"$BASE\"'/x?q=a b'"),
        (
            curl_line("POST", "/x", has_token=False, username=EVIL),
            f'curl -g --path-as-is -X POST "$BASE"/x --data-urlencode {shlex.quote(f"username={EVIL}")} '
            '--data-urlencode "password=$PASSWORD"',
        ),
        (
            curl_line("POST", "/x", form={"a": EVIL}),
            'curl -g --path-as-is -X POST "$BASE"/x -H "Authorization: Bearer $TOKEN" '
            f"--data-urlencode {shlex.quote(f'a={EVIL}')}",
        ),
    ],
)
def test_a_line_takes_its_base_token_and_password_from_the_shell(line: str, words: str) -> None:
    assert line == words
