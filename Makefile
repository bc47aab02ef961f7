# Everything runs inside this folder: Python packages in .venv, JavaScript packages in node_modules.
# Needed: make, Python >= 3.11, Node >= 20.19 with npm, and a package registry.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory

BIN := .venv/bin
PY := $(BIN)/python
PYTEST := $(PY) -m pytest
STATIC := lindi_explorer/widget/static
BUNDLE := $(STATIC)/widget.js
FRONT_END := $(shell find js/src -type f 2>/dev/null) js/build.mjs package-lock.json

# The first of these that is new enough and can make a virtual environment.
SUITS := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11 python3.14 python, \
	$(shell $(p) -c '$(SUITS)' >/dev/null 2>&1 && echo $(p))))

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- installing ---

.PHONY: install
install: .venv/.installed node_modules/.package-lock.json $(BUNDLE) ## Install everything into this folder
	@:

.venv/bin/python:
	@if [ -z "$(PYTHON)" ]; then echo "No Python >= 3.11 with venv found. On Debian: apt-get install python3-venv" >&2; exit 1; fi
	@echo "Making .venv with $$($(PYTHON) --version)"
	$(PYTHON) -m venv .venv

# pip and not uv here: pip reads the registry the reader has configured for pip.
# The bundle comes first: an editable install would otherwise build it too.
.venv/.installed: requirements.txt pyproject.toml | .venv/bin/python $(BUNDLE)
	@echo "Installing the pinned Python packages"
	@$(PY) -m pip install --disable-pip-version-check --requirement requirements.txt \
		| awk '/^Collecting/ { print "  " $$2; fflush() } /^Installing/ { print "  putting them in place"; fflush() }'
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# npm's own stamp.
node_modules/.package-lock.json: package-lock.json package.json
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' \
		|| { echo "Node >= 20.19 is needed; found: $$(node --version 2>/dev/null || echo none)" >&2; exit 1; }
	@echo "Installing the pinned JavaScript packages"
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(BUNDLE): $(FRONT_END) | node_modules/.package-lock.json
	npm run --silent build
	@touch $@

.PHONY: build
build: $(BUNDLE) ## Build the JavaScript bundle

# --- using ---

.PHONY: demo
demo: install ## See it work: make a sample, serve it, open, edit, check, export, run the notebook
	@$(PY) -m lindi_explorer demo

.PHONY: lab
lab: install ## Start JupyterLab on the notebooks
	$(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) notebooks

# --- checking ---

.PHONY: check
check: install ## Static checks: ruff, mypy, import-linter, Biome, tsc
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	npm run --silent check

.PHONY: test
test: check browser others ## Static checks, pytest, vitest, bundle size, other implementations, end to end in a browser
	npm run --silent test
	npm run --silent size
	$(PYTEST) -m "not e2e" --numprocesses auto --maxprocesses 4 --dist loadfile
	$(PYTEST) -m e2e

.PHONY: test-long
test-long: export LINDI_LONG = 1
test-long: install browser ## The tests with full counts: many mutations, opens and kills
	$(PYTEST) --timeout=3600

.PHONY: interop
interop: .venv/.installed others ## Read what the original lindi writes, and have it, Zarr 2 and 3 and fsspec read ours
	$(PYTEST) tests/interop

.PHONY: others
others: # The environments of the other implementations; without one, its tests are skipped and counted
	@for name in upstream zarr3; do $(MAKE) --silent .venv-$$name/.installed \
		|| echo "make: .venv-$$name could not be installed: the tests that need it will be skipped" >&2; done

.venv-%/.installed: tests/interop/requirements-%.txt | .venv/bin/python
	@echo "Installing the pinned packages of tests/interop/requirements-$*.txt into .venv-$*"
	@test -x .venv-$*/bin/python || $(PY) -m venv .venv-$*
	@.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

.PHONY: browser
browser: # Debian's Chromium for the end-to-end tests, where it is missing and may be installed
	@tests/e2e/install-chromium

.PHONY: bench
bench: install ## Benchmarks
	$(PYTEST) tests/benchmarks --override-ini='python_files=bench_*.py' --capture=no --timeout=0

.PHONY: bench-remote
bench-remote: install .venv-upstream/.installed ## Remote files beside the original lindi, remfile and the floor; takes half an hour
	$(PY) tests/benchmarks/remote/bench.py $(FILES)

.PHONY: release-check
release-check: install ## Build sdist and wheel, install each in an empty environment without Node, use it
	$(PY) tests/release/check.py

# --- keeping generated files up to date ---

.PHONY: protocol
protocol: .venv/.installed ## Write js/src/protocol.gen.ts from the Python protocol
	$(PY) -m lindi_explorer.explorer.protocol_ts js/src/protocol.gen.ts

.PHONY: picture
picture: install ## Renew README.md's picture: the quickstart in a real JupyterLab
	$(PY) tests/e2e/picture.py notebooks/quickstart.ipynb notebooks/quickstart.png

.PHONY: pins
pins: .venv/.installed ## Resolve requirements.txt anew from pyproject.toml, and those of the other implementations
	$(BIN)/uv pip compile --quiet --upgrade --universal --fork-strategy fewest --python-version 3.11 \
		--no-header --no-emit-index-url --no-emit-find-links --extra lab --extra s3 --group dev \
		pyproject.toml --output-file requirements.txt
	for name in upstream zarr3; do $(BIN)/uv pip compile --quiet --upgrade --universal --fork-strategy fewest \
		--python-version 3.11 --no-header --no-emit-index-url --no-emit-find-links \
		tests/interop/requirements-$$name.in --output-file tests/interop/requirements-$$name.txt; done

.PHONY: clean
clean: ## Remove what was installed and built
	rm -rf .venv .venv-upstream .venv-zarr3 node_modules $(STATIC)/widget.js $(STATIC)/widget.css $(STATIC)/THIRD_PARTY_LICENSES.txt \
		dist build .demo .artifacts .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
