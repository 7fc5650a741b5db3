# Two commands matter: `make demo` and `make test`. Both rest on `make setup`.
SHELL := /bin/bash
PYTHON ?= python3
PY := .venv/bin/python
STAMP := .venv/.ready
DEMO := build/demo

.DEFAULT_GOAL := help
.PHONY: help setup setup-ftm demo test lint types fmt check bench docs lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## Create .venv with the tanwei command, from the lock file; fonts where possible

$(STAMP): requirements.lock pyproject.toml scripts/setup.sh
	@PYTHON="$(PYTHON)" bash scripts/setup.sh
	@touch $@

setup-ftm: ## Create .venv-ftm with the official FollowTheMoney library, which tests check exports with
	@PYTHON="$(PYTHON)" bash scripts/setup-ftm.sh

demo: setup ## Make the example county, run every detector on it, write a handover folder
	@rm -rf $(DEMO)
	@$(PY) -m examples $(DEMO)/county --seed 7
	@.venv/bin/tanwei run $(DEMO)/county --out $(DEMO)/out
	@.venv/bin/tanwei handover $(DEMO)/out --level red

test: setup ## Run all tests
	@$(PY) -m pytest -n 2 --dist loadfile

lint: setup ## ruff
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

types: setup ## mypy
	@$(PY) -m mypy

fmt: setup ## Format and mend what can be mended
	@$(PY) -m ruff check --fix . ; $(PY) -m ruff format .

check: lint types test ## Everything CI looks at

bench: setup ## Measure against honest rivals; writes docs/benchmarks.md
	@$(PY) -m benchmarks

docs: setup ## Write the detector pages anew from the specs
	@$(PY) -m detectors.pages

lock: ## Resolve the dependencies anew (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--extra notebook --extra dev pyproject.toml -o requirements.lock
	@python3 -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['ftm'])" \
		| uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		- -o requirements-ftm.lock

clean: ## Remove everything that was made
	@rm -rf .venv .venv-ftm build .pytest_cache .mypy_cache .ruff_cache .hypothesis
