# make up      the whole of Hookline on this machine, in the background
# make test    the tests · make check: lint and types · make bench: the promises beside what is measured
# make bench ARGS="day hook"   some of it; LONG=1 all of it, for hours; BASE=... (a commit, a time, a file, or none) compares with another run than the last
# make backtest   how honest forecasts are and how soon a slower statement is found; writes the tables of docs/forecasts.md
# make play    the real client in a terminal, keys pressed at known times, and what is told of it beside the truth (as root)
# make play-agents   real clients of every coding agent that npm has, headless; ARGS="codex --terminal" one of them, also with keys (as root)
# make test AREA=fold   those of one area (a folder of tests/)
# make long    those that make test leaves out because they take long, once
# make middle  the long tests, of which make test runs a sample, at middle length, for minutes
# make soak    all of them: thousands of kills and 200 power cuts, for hours; with HOOKLINE_CUTS=50 and ARGS=tests/crash/test_power_cut.py some
# make coverage  the tests, and how much of the code they run: less than COVERED percent fails; with COVERED=0 and ARGS=tests/fold some
# make mutants   one small change of a pure core at a time: do its tests notice? ARGS="fold --count 60"
# make lock    pin what pyproject.toml asks for, with hashes (needs uv)
# make dashboards   Grafana's dashboards, built anew from dashboards/
# make readme   the output and the picture in README.md, made anew by the commands themselves
# make vendor  the libraries of the pages, fetched from npm and checked against their hashes (needs Node.js)
# make env     the virtual environment that all of them use; made first when it is missing or out of date

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
ENV := .venv
BIN := $(ENV)/bin
STAMP := $(ENV)/.complete
#: Three are quicker than four on two processors: each worker collects for several seconds. The long tests wait more.
WORKERS ?= $(if $(filter long middle,$(MAKECMDGOALS)),4,3)
#: The share of lines that the tests must run, in percent: two points beneath a whole run.
COVERED ?= 90
ARGS ?=
#: The tests of one module stay on one worker, which shares their collectors and databases; the order is that of tests/conftest.py.
#: Bytecode is kept, whatever the shell says: the processes that tests start would compile everything again.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder --max-worker-restart 0

.DEFAULT_GOAL := help
.PHONY: help env lock up down test long middle soak coverage mutants play play-agents check format bench backtest redaction readme docs vendor dashboards clean

help:
	@sed -n 's/^# //p' Makefile

env: $(STAMP)

$(STAMP): pyproject.toml requirements.lock
	@test -n "$(PYTHON)" || { echo "Hookline needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) deploy/make_environment.py $(ENV)
	@touch $@

lock:
	@command -v uv >/dev/null || { echo "uv pins with hashes: pip install uv" >&2; exit 1; }
	@uv pip compile pyproject.toml deploy/build.in --extra collector --extra databases --extra services --extra apprise --extra dev --constraint constraints.txt --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --quiet --output-file requirements.lock

up: env
	@$(BIN)/hookline up --detach

down: env
	@$(BIN)/hookline down

test: env
	@$(PYTEST) $(if $(AREA),tests/$(AREA)) $(ARGS)

middle: env
	@HOOKLINE_SOAK=middle $(PYTEST) -m "soak or long or middle" $(ARGS)

long: env
	@HOOKLINE_SOAK=short $(PYTEST) -m long $(ARGS)

coverage: env
	@$(PYTEST) --cov --cov-report=term --cov-fail-under=$(COVERED) $(ARGS)

mutants: env
	@cd tests && ../$(BIN)/python -m support.mutants $(ARGS)

play: env
	@cd tests && ../$(BIN)/python -m play $(ARGS)

play-agents: env
	@cd tests && ../$(BIN)/python -m play.agents $(ARGS)

soak: env
	@HOOKLINE_SOAK=$(or $(HOOKLINE_SOAK),1) $(BIN)/python -m pytest -n 0 -s -m "soak or long or middle" $(ARGS)

check: env
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --no-cache
	@$(BIN)/codespell
	@$(BIN)/python deploy/check_pages.py

format: env
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

redaction: env
	@$(BIN)/python tests/benchmarks/bench_redaction.py $(ARGS)

bench: env
	@$(BIN)/python tests/benchmarks/run.py $(ARGS) $(if $(BASE),--base '$(BASE)') $(if $(LONG),--long)

backtest: env
	@$(BIN)/python tests/benchmarks/backtest.py $(ARGS)

readme: env
	@cd tests && ../$(BIN)/python -m support.readme --picture

vendor:
	@$(PYTHON) deploy/make_vendor.py

dashboards: env
	@PYTHONPATH=dashboards $(BIN)/python -m hookline_dashboards.build

docs: env
	@$(BIN)/hookline config docs docs/configuration.md

clean:
	rm -rf $(ENV) build dist .mypy_cache .ruff_cache .pytest_cache
