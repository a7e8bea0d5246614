# The two commands of the README: `make run` and `make test`.
PYTHON ?= python3.11
HOST ?= 127.0.0.1
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
MODEL := var/model/stamp.json

# real Chinese abstracts for evaluation, where they lie beside the project
ifneq ($(wildcard ../shared/data/csl/abstracts.jsonl),)
export JIEBANG_TEXT_DIR ?= $(abspath ../shared/data/csl)
endif

.PHONY: run install test check lint types clean

run: install
	$(BIN)/jiebang start --host $(HOST) --port $(PORT)

install: $(STAMP)
	$(BIN)/jiebang model build

# torch first and alone: the pinned CPU build, before anything else can ask for another one
$(STAMP): pyproject.toml requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[dev]'
	touch $@

test: install
	sh tests/prepare.sh
	$(BIN)/python -m pytest
	$(BIN)/python -m pytest --database postgresql

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

check: lint types test

clean:
	rm -rf $(VENV) var
