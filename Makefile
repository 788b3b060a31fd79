# Lenticular. Two commands: `make demo` and `make test`. Needs Python >= 3.11, make and git, nothing else.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8400
# Tests wait for servers and browsers now and then: one process more than there are cores keeps these busy.
JOBS   ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
CLIENTS := .clients/.ready

.PHONY: help demo test check install tag soak bench lock format clean

help:            ## what can be made
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed 's/: .*## /|/' | awk -F'|' '{printf "  make %-9s %s\n", $$1, $$2}'

demo: $(VENV)/.ready tag            ## the demo bank, at http://127.0.0.1:8400
	@$(BIN)/lenticular demo --port $(PORT)

test: $(VENV)/.ready $(CLIENTS) tag            ## every test but the long ones
	@$(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile

check: $(VENV)/.ready            ## style, types, imports, docs
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest -q tests/docs

soak: $(VENV)/.ready $(CLIENTS) tag            ## the long runs: crashes, many worlds
	@$(BIN)/python -m pytest -q -m soak

bench: $(VENV)/.ready            ## ratios, measured in one run
	@$(BIN)/python -m benchmarks

install: $(VENV)/.ready tag            ## everything into .venv

tag: $(VENV)/.ready            ## the browser tag, if its sources have changed
	@$(BIN)/python tag/build.py

format: $(VENV)/.ready            ## write the code in the house style
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

lock: $(VENV)/.ready            ## choose the newest versions that fit, pin them with their hashes
	@$(BIN)/python -m pip install -q uv
	@$(BIN)/uv pip compile pyproject.toml --extra server --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --no-header --quiet --output-file requirements.lock

clean:            ## remove what install made
	rm -rf $(VENV) .clients .peers tag/node_modules src/lenticular/web/built .mypy_cache .ruff_cache .pytest_cache .hypothesis

# One stamp file: made again when the lock or the project's metadata changes.
$(VENV)/.ready: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed; no '$(PYTHON)' was found. Install it, or say: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "Python 3.11 or newer is needed; this is %d.%d. Say: make PYTHON=python3.12" % v[:2])'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@command -v git >/dev/null || { echo "git is needed; install it with your system's package manager."; exit 1; }
	@echo "Installing into $(VENV) (once; a minute or two) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock || { \
	  echo "Installing failed: see the message above. With no network, point pip at a mirror (PIP_INDEX_URL) and run make again."; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# The client libraries that the tests send with, beside the virtual environment. Without a network `make test` goes on
# without them, unless LENTICULAR_REQUIRE_CLIENTS is set; the next one tries again.
$(CLIENTS): $(VENV)/.ready tests/clients/install.py tests/clients/segment-2.3.txt tests/clients/package.json tests/clients/package-lock.json
	@$(BIN)/python tests/clients/install.py
