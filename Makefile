# Bongsu: the verbs. `make help` lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export BONGSU_SHARED ?= $(abspath ../shared)

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast check bench bench-patterns bench-exposure bench-screen bench-ledger bench-kernels bench-faults format constraints clean

help: ## list the verbs
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Bongsu needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Say which one: make demo PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing (Debian: apt install python3-venv)." >&2; exit 2; }

# Each install leaves a stamp, so that the next call starts at once.
$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(VENV)/.run ## install into .venv and run the main job on the Bybit theft
	$(BIN)/bongsu demo

test: $(VENV)/.dev ## install and run the whole suite
	$(BIN)/python -m pytest -n 2

test-fast: $(VENV)/.dev ## the suite without its slow part
	$(BIN)/python -m pytest -n 2 -m "not slow"

check: $(VENV)/.dev ## lint, format, types, layering
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests
	$(BIN)/lint-imports --no-cache

bench: bench-kernels bench-patterns bench-ledger bench-screen ## measure speed and accuracy side by side with the peers (takes long)

bench-kernels: $(VENV)/.dev ## the tracing kernels beside C, and the readers beside DuckDB
	@for bench in bench/kernels/*.py; do echo "== $$bench"; $(BIN)/python $$bench || exit 1; done

bench-patterns: $(VENV)/.run ## precision and recall of the pattern detectors on simulated worlds
	$(BIN)/python bench/patterns/accuracy.py

bench-exposure: $(VENV)/.run ## latency of an exposure query on 20 million transfers (30 s, 2 GB)
	$(BIN)/python bench/patterns/exposure.py

bench-ledger: $(VENV)/.dev ## a total of a large ledger, beside pandas reading the same file
	$(BIN)/python bench/ledger/total.py

bench-faults: $(VENV)/.dev ## kill a running case 200 times on SQLite and on PostgreSQL (takes long)
	$(BIN)/python -m bench.faults 200

bench-screen: $(VENV)/.dev ## accuracy and speed of screening, beside logic-v2 (takes long)
	$(BIN)/python bench/screen/accuracy.py
	$(BIN)/python bench/screen/speed.py

format: $(VENV)/.dev ## put the code into house form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

constraints: ## pin the dependencies anew (needs uv on the PATH)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate -q -o requirements/run.txt pyproject.toml requirements/build.in
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate -q -c requirements/run.txt --extra dev -o requirements/dev.txt pyproject.toml

clean: ## remove what the verbs made
	rm -rf $(VENV) build bongsu-demo .mypy_cache .ruff_cache
