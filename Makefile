# make serve   the mock on http://127.0.0.1:2953
# make demo    one home from sign-up to offboarding, call by call
# make test    ruff, mypy and the tests, with one process for each core
# make fuzz    the properties at random and for longer, and the slow checks with more seeds and styles
# make soak    ten thousand broken connections, then 15 minutes of load while strangers open worlds
# make durability  30 kills of a server with a journal under load, and random lives on a journal
# make check-self  every suite of the harness against many healthy mocks: seeds, styles, settings, scenarios
# make mutants every planted fault, and whether a suite finds it; the table of docs/checking-a-server.md, and the map from
#              statements to suites in contracts/coverage.json
# make browser every page at two widths, light and dark, in Chromium; make screenshots takes the pictures of the docs
# make docs    the pages that are generated, then the site in build/docs
# make bench   docs/performance.md and its chart, by wrk where it is installed; OTHERS=1 compares other mock servers
# make lowest  the tests with the lowest versions that pyproject.toml allows, such as the older minor of uvicorn

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PYTEST := -m pytest --numprocesses auto --dist loadfile

.PHONY: serve demo test fuzz soak durability check-self mutants browser screenshots docs bench lowest clean
.DEFAULT_GOAL := serve

serve: $(VENV)/.runtime
	@$(BIN)/mockaxle serve

demo: $(VENV)/.runtime
	@$(BIN)/mockaxle demo

test: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python $(PYTEST)

fuzz: $(VENV)/.test
	HYPOTHESIS_PROFILE=fuzz $(BIN)/python $(PYTEST) --dist worksteal -m property

soak: $(VENV)/.test
	MOCKAXLE_SOAK=10000 $(BIN)/python -m pytest -m soak
	MOCKAXLE_KILLS=200 $(BIN)/python -m pytest tests/journals/test_kills.py
	$(BIN)/python -m benchmarks.soak

durability: $(VENV)/.test
	MOCKAXLE_KILLS=30 HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest tests/journals tests/test_base_form.py

check-self: $(VENV)/.test
	@$(BIN)/python -m tests.harness.no_false_alarm

mutants: $(VENV)/.test
	$(BIN)/python -m tests.mutants.table
	$(BIN)/python -m tests.mutants.coverage

browser: $(VENV)/.test
	MOCKAXLE_BROWSER=all $(BIN)/python -m pytest tests/browser

screenshots: $(VENV)/.test
	@$(BIN)/python -m tests.browser.screenshots

docs: $(VENV)/.test
	$(BIN)/python -m tests.citations
	$(BIN)/python -m tests.pages.generated
	$(BIN)/mkdocs build --strict

bench: $(VENV)/.test
	$(BIN)/python -m benchmarks.run $(if $(OTHERS),--others)

lowest: $(VENV)/.test
	$(BIN)/pip install --quiet uv
	$(BIN)/uv venv --quiet --seed --clear --python $(BIN)/python $(VENV)/lowest
	$(BIN)/uv pip install --quiet --python $(VENV)/lowest --resolution lowest-direct --group test -e .
	$(VENV)/lowest/bin/python $(PYTEST)

$(VENV)/.runtime: pyproject.toml | $(VENV)
	@echo "Installing mockaxle into $(VENV); about a minute, once." >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)
	@echo "Installing mockaxle and the packages of its tests into $(VENV); about a minute, once." >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/pip install --quiet --disable-pip-version-check -e . --group test
	@touch $@ $(VENV)/.runtime

$(VENV):
	@command -v curl >/dev/null || { echo "mockaxle: curl is missing; install it first"; exit 1; }
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "mockaxle: needs Python 3.11 or later with venv; try make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $@ || { rm -rf $@; echo "mockaxle: $(PYTHON) -m venv failed; install venv first"; exit 1; }

clean:
	rm -rf $(VENV) dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis
