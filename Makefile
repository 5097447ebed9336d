# The one door for every chore. `make` alone lists them.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
BIN := .venv/bin
CODE := butler tools workflows tests
TESTS ?= tests
# Else the tests are made ready anew by each run, which takes half a minute of each core.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo serve test coverage long lint format bench snapshots screenshots docs constraints wheel clean venv dev servers fuzz costs
.DEFAULT_GOAL := help

help: ## list the chores
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

demo: venv ## a sample household and its briefing, printed and saved
	@$(BIN)/butler demo

serve: venv ## the sample household on its page, in a browser, until Ctrl-C
	@$(BIN)/butler demo --serve

test: dev servers lint ## lint, types, import rules, and all test rings
	$(BIN)/pytest -n 2 $(TESTS)

coverage: dev servers ## the tests once more, measured, also inside the programs that the acceptance ring starts
	BUTLER_TEST_COVERAGE=1 $(BIN)/pytest -n 2 --cov --cov-report=term $(TESTS)

long: dev servers ## the long variants of some tests: every byte cut, 500 kills, a day of the daemon; some 55 minutes
	BUTLER_TEST_LONG=1 BUTLER_TEST_KILLS=500 BUTLER_TEST_LIVES=300 BUTLER_TEST_WEEKS=60 $(BIN)/pytest -s --timeout 3000 \
	  tests/integration/test_executor_kills.py tests/integration/test_mail_cuts.py tests/integration/test_caldav_cuts.py \
	  tests/integration/test_gate_machine.py tests/integration/test_jobs_machine.py tests/integration/test_watch_mail.py \
	  tests/acceptance/test_daemon_mail.py tests/acceptance/test_daemon_runs.py tests/acceptance/test_daemon_endurance.py

lint: dev ## style, types and import rules
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-cache
	@! git grep -nIE 'https?://[^ ]*(pypi\.|pythonhosted)|index-url|find-links' -- . ':!Makefile' ':!tests/unit/test_style.py' || \
	  { echo "No file may name a package index."; exit 1; }

format: dev ## put the code into its format
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

bench: dev servers ## the benchmark: a table, and with JSON=FILE also JSON
	$(BIN)/python tests/bench/run.py $(if $(JSON),--json $(JSON)) $(BENCH)

fuzz: dev ## what parses, fuzzed for MINUTES=10 in all; ONLY=mail for one target, ONLY=parser through its workers
	@sh .ci/venv.sh "$(PYTHON)" fuzz
	$(BIN)/python tests/fuzz/fuzzing.py --minutes $(or $(MINUTES),10) $(if $(ONLY),--only $(ONLY))

costs: dev ## what every bomb costs the worker that parses it: a table
	$(BIN)/python tests/fuzz/costs.py

snapshots: dev ## write the expected pages anew; read the difference before you commit it
	UPDATE_SNAPSHOTS=1 $(BIN)/pytest -q tests/unit

screenshots: dev servers ## pictures of every page, in docs/screenshots; look at them before you commit them
	$(BIN)/python tests/servers/page_pictures.py

docs: dev ## what documents take from the code: the demo's output, the table of settings, .env.example
	@$(BIN)/python tests/servers/written_docs.py

constraints: ## the exact versions of everything, from a fresh virtual environment
	rm -rf build/fresh && $(PYTHON) -m venv build/fresh
	build/fresh/bin/pip install --quiet --upgrade-strategy eager ".[dev,documents,fuzz]"
	build/fresh/bin/pip freeze --exclude butler | grep -v ' @ ' > constraints.txt

wheel: dev ## build the wheel and the source distribution into dist/
	$(BIN)/python -m hatchling build -t sdist -t wheel -d dist

clean: ## remove everything that was made here
	rm -rf .venv build dist .coverage* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

venv:
	@sh .ci/venv.sh "$(PYTHON)"

dev:
	@sh .ci/venv.sh "$(PYTHON)" dev

servers:
	@sh .ci/servers.sh
