"""The pytest plugin, under its registered name."""

pytest_plugins = ["mockaxle.testing.plugin"]
