"""The curl lines of a finding can be pasted: nothing that a server or a schema made up is run by the shell."""

import shlex

from mockaxle.harness.schemathesis_report import curl

EVIL = "$(touch owned) `touch owned` 'x' \"y\""


def test_every_word_of_a_conformance_line_is_quoted() -> None:
    line = curl({"method": EVIL, "uri": f"http://127.0.0.1/{EVIL}", "body": f"@{EVIL}"})
    token = "Authorization: Bearer $TOKEN"
    sent = ["-H", token, "-H", "Content-Type: application/json", "--data-raw", f"@{EVIL}", f"http://127.0.0.1/{EVIL}"]
    assert shlex.split(line) == ["curl", "-X", EVIL, *sent]
    assert shlex.quote(EVIL) in line
