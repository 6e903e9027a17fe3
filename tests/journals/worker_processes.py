"""The processes of `mockaxle serve --workers`."""

import subprocess


def workers_of(pid: int) -> list[int]:
    """Return the processes that a process has begun."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    return [int(one) for one, parent in map(str.split, listed.splitlines()) if int(parent) == pid]
