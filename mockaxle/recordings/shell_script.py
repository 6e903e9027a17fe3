"""Writes a recording as a shell script of curl calls."""

import json
from base64 import b64encode
from collections.abc import Iterator
from shlex import quote

from mockaxle.recordings.curl import log_in_form, with_token, with_type, word
from mockaxle.recordings.jsonl import Recording
from mockaxle.recordings.steps import JSON, Step, steps

HEAD = """\
#!/bin/sh
# Replays the log of the world {world}: each call must return its recorded status.
# Usage: sh FILE [BASE_URL]. PASSWORD is used for all accounts. Needs curl and python3.
set -eu
BASE=${{1:-http://127.0.0.1:2953}}
PASSWORD=${{PASSWORD:-demo}}
ANSWER=$(mktemp)
trap 'rm -f "$ANSWER"' EXIT

answer() {{ # NUMBER STATUS VERB PATH CURL-OPTIONS...
  number=$1 expected=$2 verb=$3 path=$4
  shift 4
  : > "$ANSWER"
  status=$(curl -sg --path-as-is -o "$ANSWER" -w '%{{http_code}}' -X "$verb" "$BASE$path" "$@") || status=none
  echo "$number $status $verb $path"
  [ "$expected" = "$status" ] || {{ echo "expected $expected; the answer was:"; cat "$ANSWER"; exit 1; }}
}}

pick() {{ # KEY...
  python3 -c 'import json, sys
value = json.load(open(sys.argv[1]))
for key in sys.argv[2:]: value = value[int(key) if isinstance(value, list) else key]
print(value)' "$ANSWER" "$@"
}}
"""
BREAKS = "none"
"""The status if no answer arrives."""


def write_script(recording: Recording) -> Iterator[str]:
    """Yield the script's lines."""
    yield HEAD.format(world=quote(recording.world).replace("\n", " "))
    names: dict[str, str] = {}
    for step in steps(recording):
        yield "\n" + _call(step, names)
        for capture in step.captures:
            names[capture.value] = capture.name
            yield f"{capture.name}=$(pick {' '.join(quote(str(key)) for key in capture.place)})\n"


def _call(step: Step, names: dict[str, str]) -> str:
    expected = BREAKS if step.breaks else str(step.status)
    words = ["answer", str(step.number), expected, step.verb, word(step.path, names)]
    words += with_token(step.token) if step.token else []
    if step.username is not None:
        words += log_in_form(step.username)
    elif step.body is not None or step.content_type:
        words += with_type(step.content_type or JSON)
    words += _body(step, names)
    line = " ".join(words) + "\n"
    if step.raw is not None:
        return f'echo {b64encode(step.raw).decode()} | base64 -d > "$ANSWER.sent"\n{line}rm -f "$ANSWER.sent"\n'
    return line


def _body(step: Step, names: dict[str, str]) -> list[str]:
    if step.raw is not None:
        return ["--data-binary", '"@$ANSWER.sent"']
    return [] if step.body is None else ["--data-raw", word(json.dumps(step.body), names)]
