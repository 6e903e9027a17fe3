"""`python -m mockaxle.cli`, as `mockaxle`."""

from mockaxle.cli.main import main

main()
