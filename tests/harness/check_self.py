"""`make check-self`: the mock starts, and every suite must find nothing."""

import subprocess
import sys

from tests.mutants.checking import command, served

if __name__ == "__main__":
    with served() as url:
        sys.exit(subprocess.run(command(url, *sys.argv[1:]), check=False).returncode)
