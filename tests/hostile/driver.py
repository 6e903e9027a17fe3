"""Runs the command lines on standard input, each with its environment, and prints what became of each as JSON."""

import io
import json
import os
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any

from mockaxle.cli.main import main


def run(arguments: list[str], environment: Mapping[str, str]) -> dict[str, Any]:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    sys.argv = ["mockaxle", *arguments]
    before = dict(os.environ)
    os.environ.update(environment)
    code: Any = None
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as ended:
        code = ended.code
    finally:
        os.environ.clear()
        os.environ.update(before)
    texts = []
    for stream in (out, err):
        stream.flush()
        assert isinstance(stream.buffer, io.BytesIO)
        texts.append(stream.buffer.getvalue()[:1_000_000].decode("utf-8", "backslashreplace"))
    return {"arguments": arguments, "code": code, "out": texts[0], "err": texts[1]}


def peak_mb() -> int:
    """The most memory that this process has had; getrusage would count its parent's as well."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return max((int(line.split()[1]) // 1000 for line in lines if line.startswith("VmHWM")), default=0)


if __name__ == "__main__":
    runs = [run(one["arguments"], one.get("environment", {})) for one in json.load(sys.stdin)]
    children_mb = getrusage(RUSAGE_CHILDREN).ru_maxrss // 1000
    print(json.dumps({"runs": runs, "peak_mb": peak_mb(), "children_mb": children_mb}))
