"""The pytest plugin, by the name under which it is registered."""

pytest_plugins = ["mockaxle.testing.plugin"]
