"""The words of a pytest inside a test, without the plugins that take longer to load than all else."""

import sys

WITHOUT = ("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest")
PYTEST = (sys.executable, "-m", "pytest", *WITHOUT)
