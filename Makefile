# The only set-up there is: `make run` and `make test` do everything else.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

# Tests start many processes, each of which would compile the product anew.
KEEP_COMPILED := PYTHONDONTWRITEBYTECODE=
# Neighbours share what their file has made for them, so each process gets many in a row; by whole
# files, or one by one, a process that dies would leave the others waiting for ever.
SIDE_BY_SIDE := -n 2 --dist load

.DEFAULT_GOAL := help
.PHONY: help run dev test test-fast check lint types contracts migrations format lock benchmark benchmark-pages benchmark-ledger clean

help: ## Show what can be done
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

$(VENV)/.run: requirements.txt
	@echo "Setting up the environment in $(VENV) (once) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Skillbank needs Python 3.11 or newer")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	@echo "Adding what the tests need ..."
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

run: $(VENV)/.run ## Set up, fill a demo from real schools, and serve it
	@exec $(BIN)/flask --app wsgi demo serve --port $(PORT) $(ARGS)

dev: $(VENV)/.dev ## The same, and begin again whenever the code changes
	@exec $(BIN)/flask --app wsgi demo serve --reload --port $(PORT) $(ARGS)

test: $(VENV)/.dev ## Run every test, on SQLite and on PostgreSQL
	@$(KEEP_COMPILED) $(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

test-fast: $(VENV)/.dev ## Run what needs no PostgreSQL, processes or browser: under a minute
	@$(KEEP_COMPILED) $(BIN)/python -m pytest $(SIDE_BY_SIDE) -q -m "not postgresql and not processes and not browser" $(ARGS)

check: lint types contracts migrations ## Lint, types, import contracts, and migrations against models

lint: $(VENV)/.dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/.dev
	@$(BIN)/mypy

contracts: $(VENV)/.dev
	@$(BIN)/lint-imports

migrations: $(VENV)/.dev
	@$(BIN)/python -m pytest -q tests/migrations

format: $(VENV)/.dev ## Put the code in its one shape
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

benchmark: $(if $(filter pages,$(ARGS)),benchmark-pages,benchmark-ledger) ## Measure the ledger beside others; the pages with ARGS="pages URL"

benchmark-pages: $(VENV)/.dev
	@$(BIN)/python -W ignore -m tests.benchmarks.pages $(filter-out pages,$(ARGS))

benchmark-ledger:
	@test -x $(VENV)-benchmark/bin/python || $(PYTHON) -m venv $(VENV)-benchmark
	@$(VENV)-benchmark/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/benchmarks/requirements.txt
	@$(VENV)-benchmark/bin/python -W ignore -m tests.benchmarks.ledger $(ARGS)

lock: ## Pin the dependencies again (needs uv)
	uv pip compile -q --generate-hashes --no-emit-index-url --universal --python-version 3.11 --no-header --no-annotate $(UPGRADE) pyproject.toml -o requirements.txt
	uv pip compile -q --generate-hashes --no-emit-index-url --universal --python-version 3.11 --no-header --no-annotate $(UPGRADE) pyproject.toml --extra dev -o requirements-dev.txt
	uv pip compile -q --generate-hashes --no-emit-index-url --universal --python-version 3.11 --no-header --no-annotate $(UPGRADE) pyproject.toml --extra dev --extra benchmark -o tests/benchmarks/requirements.txt

clean: ## Remove the environment and the demo's data
	rm -rf $(VENV) $(VENV)-benchmark instance
