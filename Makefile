# Préau on one machine. Each target first installs what it misses (deploy/local/bootstrap.sh) and says so.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
LOCAL := $(PYTHON) -m deploy.local
# Extra words for the command behind a target: make run ARGS=--detach, make test ARGS='tests/identity -x'
ARGS ?=
WORKERS ?= 2

.PHONY: help setup setup-test run stop status demo check test lint bench bench-hour up down clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing
	@deploy/local/bootstrap.sh

setup-test:
	@deploy/local/bootstrap.sh test

run: setup ## start everything with the sample towns; Ctrl-C stops it; ARGS=--detach comes back when ready
	@$(LOCAL) run $(ARGS)

stop: setup ## stop what `make run ARGS=--detach` started
	@$(LOCAL) stop

status: setup ## what runs, where, and the demo log-ins
	@$(LOCAL) status

demo: setup ## play the demonstration on the running Préau
	@$(LOCAL) demo $(ARGS)

check: setup ## hold the running databases and queues against the invariants
	@$(LOCAL) check

test: setup-test ## run the tests; ARGS names some, WORKERS how many at once
	@$(PYTHON) -m pytest -n $(WORKERS) --dist loadfile $(if $(ARGS),$(ARGS),tests --ignore tests/portal --ignore tests/faults)
	@# A browser and killed services each want the machine, and the process's counters, for themselves.
	@$(if $(ARGS),true,$(PYTHON) -m pytest tests/portal && $(PYTHON) -m pytest tests/faults)

lint: setup ## style, types, layers and dependencies
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports
	@.venv/bin/deptry services shared deploy

bench: setup ## measure speed beside the bare limit of this machine
	@$(PYTHON) -m benchmarks $(ARGS)

bench-hour: setup ## memory of every service under an hour of load; ARGS=10 for ten minutes
	@$(PYTHON) -m benchmarks.hour $(ARGS)

up: setup ## the same as run, in containers: needs a Docker engine
	@$(LOCAL) up

down: setup ## stop the containers; ARGS=--volumes also forgets the data
	@$(LOCAL) down $(ARGS)

clean: ## remove what was built: environments, caches, reports
	@[ ! -x $(PYTHON) ] || $(LOCAL) stop
	@rm -rf .venv .tools .preau build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
