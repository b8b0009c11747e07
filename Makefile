# Needs Python 3.11, make and git. Everything else goes into .venv, from the hashed lock file.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# dbt in the checks: its own working state, the sample, no user's settings.
TEST_HOME := .aism/test
# What fails is printed; a log of everything else takes a tenth of the time.
TEST_ENV := AISM_HOME=$(TEST_HOME) AISM_LANDING_DIR=sample/landing DBT_LOG_PATH=$(TEST_HOME)/logs \
	DBT_LOG_LEVEL_FILE=none
# sqlfluff compiles the models too, beside dbt: each has its own target folder.
LINT_ENV := AISM_HOME=.aism/lint AISM_LANDING_DIR=sample/landing DBT_LOG_PATH=.aism/lint/logs

# The checks start dozens of processes: what Python compiled for one of them is kept for the next.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
POSTGRES_STAMP := $(VENV)/.postgres
SPARK_STAMP := $(VENV)/.spark
.PHONY: help setup setup-postgres setup-spark demo test test-slow test-postgres test-spark test-clients test-trust \
	trust-full audit mutate bench docs lint format app clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## make .venv from the lock file

# Keyed on the lock and on what the project declares: nothing to do while both stand.
$(STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what requirements.lock names into $(VENV)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --no-compile \
		--require-hashes --no-deps --requirement requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --no-compile \
		--no-deps --no-build-isolation --editable .
	@touch $@

setup-postgres: $(POSTGRES_STAMP) ## add dbt's adapter for PostgreSQL to .venv (docs/other-engines.md)

$(POSTGRES_STAMP): $(STAMP) requirements-postgres.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --no-compile \
		--require-hashes --no-deps --requirement requirements-postgres.lock
	@touch $@

setup-spark: $(SPARK_STAMP) ## add dbt's adapter for Spark, and Spark itself for its tests, to .venv (500 MB)

$(SPARK_STAMP): $(STAMP) requirements-spark.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --no-compile \
		--require-hashes --no-deps --requirement requirements-spark.lock
	@touch $@

demo: export AISM_LANDING_DIR := sample/landing
demo: setup ## land, build and publish the sample; print its headline metrics
	@$(BIN)/aism build
	@echo
	@$(BIN)/aism headline
	@echo "Next:  make app              the numbers in the browser, and what is behind them"
	@echo "       $(BIN)/aism status    what was read, and what was held back"
	@echo "       warehouse/current.duckdb and warehouse/current/*.parquet for any BI tool"

# Unit tests bring their own rows and need tables only for their columns. The sample itself is built once,
# by the fixture sample_warehouse of pytest, with all data tests: one that fails ends the build.
test: setup ## all checks: lint, types, SQL, dbt tests of the sample, pytest
	@$(BIN)/python scripts/stages.py \
		"ruff=ruff check . && ruff format --check ." \
		"mypy&=mypy" \
		"sqlfluff&=$(LINT_ENV) python scripts/lint_sql.py lint --disable-progress-bar models" \
		"dbt=$(TEST_ENV) python scripts/quick_dbt.py --quiet --no-write-json build --empty --exclude-resource-type test \
			&& echo 'dbt: all models built, all unit tests passed'" \
		"pytest=pytest --numprocesses auto"

test-slow: setup ## more random organisations than every check needs
	@$(BIN)/pytest -m slow --numprocesses auto

test-postgres: setup-postgres ## sample and random organisations on PostgreSQL, row by row as on DuckDB
	@$(BIN)/pytest -m engines $(or $(ONLY),tests/python/engines/test_postgres.py)

test-spark: setup-spark ## the same on a Spark cluster of this machine; needs Java 17 and 6 GB of memory
	@$(BIN)/pytest -m engines tests/python/engines/test_spark.py

# One environment for each DuckDB that reads what is published, with that one package in it.
CLIENTS := $(foreach version,1.4 1.5 2.0,$(VENV)/clients/duckdb-$(version)/.installed)

$(CLIENTS): $(VENV)/clients/%/.installed: tests/python/clients/%.lock
	@test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install -qq --disable-pip-version-check --no-input --no-compile \
		--require-hashes --no-deps --requirement $<
	@touch $@

test-clients: setup $(CLIENTS) ## a published file opens in DuckDB 1.4, 1.5 and 2.0, row by row alike
	@$(BIN)/pytest -m engines tests/python/clients

# A module shares what is expensive, so a worker takes whole modules.
TRUST := $(BIN)/pytest $(or $(ONLY),tests/trust) --numprocesses auto --dist loadfile --no-loadscope-reorder

test-trust: setup ## faults and attacks, with the figures of every push
	@TRUST_FIGURES=ci $(TRUST)

# In pieces: ONLY=tests/trust/test_r08_orders.py runs a module again and keeps what others found.
trust-full: setup ## the same in full, for an hour or two; writes docs/trust-report.md
	@test -n "$(ONLY)" || rm -rf .aism/trust
	@TRUST_FIGURES=full TRUST_REPORT=docs/trust-report.md $(TRUST)

AUDIT := .aism/audit/bin
audit: setup ## known vulnerabilities of what is locked (asks their service), and a bill of materials
	@test -x $(AUDIT)/pip-audit || $(PYTHON) -m venv .aism/audit
	@$(AUDIT)/pip install -qq --disable-pip-version-check pip-audit==2.10.1 cyclonedx-bom==7.5.0
	@$(AUDIT)/cyclonedx-py environment --output-file .aism/sbom.json $(BIN)/python
	@echo ".aism/sbom.json lists what is installed (CycloneDX)"
	@$(AUDIT)/pip-audit --strict --require-hashes --disable-pip --requirement requirements.lock

mutate: setup ## change each formula in every small way; unit tests must notice
	@AISM_HOME=.aism/mutate AISM_LANDING_DIR=sample/landing DBT_LOG_PATH=.aism/mutate/logs \
		$(BIN)/python -m scripts.mutate

# What the benchmarks compare with, in an environment of its own.
$(VENV)/benchmarks/.installed: benchmarks/requirements.txt
	@test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install -qq --disable-pip-version-check --no-input --no-compile \
		--require-hashes --no-deps --requirement $<
	@touch $@

bench: setup $(VENV)/benchmarks/.installed ## every goal of speed and memory, against peers (20 GB of disk, hours)
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.page_rerun
	@$(BIN)/python -m benchmarks.page_scale

# Models are built first: the catalog describes what is in the database.
DOCS_HOME := .aism/docs
docs: export AISM_HOME := $(DOCS_HOME)
docs: export AISM_LANDING_DIR := sample/landing
docs: export DBT_LOG_PATH := $(DOCS_HOME)/logs
docs: setup ## generated pages in docs/, and a site with column lineage in .aism/docs
	@$(BIN)/python scripts/docs.py
	@$(BIN)/dbt --quiet build --exclude-resource-types test unit_test
	@$(BIN)/dbt --quiet docs generate --static
	@PYTHONPATH= $(BIN)/colibri generate --light --disable-telemetry \
		--manifest $(DOCS_HOME)/target/manifest.json --catalog $(DOCS_HOME)/target/catalog.json \
		--output-dir $(DOCS_HOME)/lineage > $(DOCS_HOME)/lineage.log
	@echo "$(DOCS_HOME)/target/static_index.html   every model, column and test"
	@echo "$(DOCS_HOME)/lineage/index.html         lineage of every column"

lint: setup ## the quick checks of a commit: ruff and sqlfluff
	@$(BIN)/python scripts/stages.py \
		"ruff=ruff check . && ruff format --check ." \
		"sqlfluff=$(LINT_ENV) python scripts/lint_sql.py lint --disable-progress-bar models"

format: setup ## let ruff and sqlfluff put files in order
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(LINT_ENV) sqlfluff fix --disable-progress-bar models

app: setup ## open the published numbers in the browser
	@$(BIN)/aism app

clean: ## remove the working state and caches; keep .venv and what was published
	@rm -rf .aism .mypy_cache .pytest_cache .ruff_cache
