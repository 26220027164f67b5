# `make demo` shows the main job, `make test` runs every suite; both install what they need.
# The environment is .venv, made from uv.lock by a pinned uv; downloads and builds are cached
# outside the checkout. `make` alone lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# A caller's own environments must not leak into this one.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

.PHONY: require
require: ## name what this machine lacks
	@tools/require.sh

.venv: .venv/.stamp
.venv/.stamp: uv.lock pyproject.toml tools/venv.sh
	@tools/require.sh "python git"
	tools/venv.sh
	touch $@

.PHONY: demo
demo: require .venv ## scaffold a project, add a service, check it, bake it, run it
	@python -m tools.demo

.PHONY: test
test: require .venv static ## every suite but cluster; the engine is started and stopped here
	@python -m tools.suites

.PHONY: cluster
cluster: require .venv ## the tests on a real Kubernetes cluster of one node; it is started and stopped here
	@python -m tools.suites cluster

.PHONY: check
check: static ## seconds: static checks, unit tests, cases and small laws; no engine
	@HYPOTHESIS_PROFILE=check pytest -q -n auto -m "not slow and not engine" tests/unit tests/cases tests/laws

.PHONY: static
static: .venv ## formatter, linter, types, layers
	@ruff check .
	ruff format --check .
	mypy
	lint-imports --no-cache
	taplo fmt --check pyproject.toml generator/bakegen/*.toml tests/engine/machine/*.toml tests/cluster/machine/*.toml
	shellcheck .ci/run tools/*.sh

SUITES := unit cases laws scaffold git adopt crash lint engine pipeline
.PHONY: $(SUITES)
$(SUITES): .venv
	@python -m tools.suites $@

.PHONY: fuzz
fuzz: .venv ## the laws with many more examples, a crash at every point, all versions and options on the engine: hours
	@HYPOTHESIS_PROFILE=fuzz pytest -q -n auto tests/laws tests/crash
	python -m tools.suites --long engine

.PHONY: bench
bench: .venv ## commands, stacks, and images beside others, measured and written to README.md and docs/
	@python -m benchmarks

.PHONY: locks
locks: .venv ## refresh every lock file: the development tools' and those that stacks and workspaces get
	@uv lock --upgrade
	python tools/refresh_locks.py
	python tools/refresh_workspace.py

.PHONY: docs
docs: .venv ## write the generated parts of README.md and docs/ anew
	@python -m tools.docs
