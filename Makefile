# Everything a user or a developer types. The environment is the project's own, in .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: scan test lint format smoke bench supply docs clean

scan: $(VENV)/.run ## install, then run the main job on the sample that ships with the package
	$(BIN)/gpai-scan run sample

test: $(VENV)/.test ## install the test extras, then run every test
	$(BIN)/python -m pytest

lint: $(VENV)/.dev ## formatting, lint and strict types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.dev ## put the code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

smoke: $(VENV)/.dev ## build the wheel, install it in a fresh environment, run it from elsewhere
	PYTHON=$(BIN)/python .ci/smoke

bench: $(VENV)/.test ## a small round of every benchmark
	$(BIN)/python -m benchmarks.run_all

supply: $(VENV)/.dev ## licences, bill of materials and audit of what is installed, into out/supply
	PYTHON=$(BIN)/python .ci/supply out/supply

docs: $(VENV)/.test ## write the generated pages of docs/ and the outputs in the README
	$(BIN)/python -m gpai_scan.dictionary docs/data-dictionary.md
	$(BIN)/python -m tests.readme

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --editable '.[test]'
	@touch $@ $(VENV)/.run

$(VENV)/.dev: $(VENV)/.test
	$(PIP) --editable '.[test,dev]'
	@touch $@

clean: ## remove the environment and what runs have left
	rm -rf $(VENV) out gpai-scan.duckdb gpai-scan.shards dist
