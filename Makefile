# Boomi Operations Portal. `make help` lists the targets.

PYTHON ?= python3
PORT ?= 8000
SANDBOX_PORT ?= 8090
VENV := .venv
PY := $(VENV)/bin/python
# Test runs and benchmarks use their own settings, so that no .env is needed.
TEST_ENV := DJANGO_SETTINGS_MODULE=tests.settings
# The sandbox is ours, so the demo raises the caps that protect the real platform.
DEMO_ENV := DEMO=1 LOG_LEVEL=$(or $(LOG_LEVEL),WARNING) ALLOW_PRIVATE_ADDRESSES=1 SITE_URL=http://127.0.0.1:$(PORT) \
  BOOMI_BASE_URL=http://127.0.0.1:$(SANDBOX_PORT) API_REQUESTS_PER_SECOND=50 API_REQUESTS_PER_MINUTE=3000 API_CONCURRENCY=10

.DEFAULT_GOAL := help
.PHONY: help run test check demo bench soak audit screenshots lock clean dev sdk

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run ## Start the portal with the imitation Boomi account (Ctrl-C ends it)
	@$(DEMO_ENV) $(PY) manage.py run_demo --port $(PORT) --sandbox-port $(SANDBOX_PORT)

test: dev sdk ## Run the tests: everything on SQLite, then the `db` tests on PostgreSQL
	$(TEST_ENV) $(PY) -m pytest -n 2 --dist loadgroup -m "not soak"
	$(TEST_ENV) $(PY) -m tests.postgres -- $(PY) -m pytest -n 2 --dist loadgroup -m "db and not soak"

check: dev ## Lint, format, types, layers, migrations, deployment checks
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(TEST_ENV) $(VENV)/bin/mypy .
	$(TEST_ENV) $(VENV)/bin/lint-imports
	$(TEST_ENV) $(PY) manage.py makemigrations --check --dry-run
	$(TEST_ENV) SITE_URL=https://portal.example TRUSTED_PROXIES=1 $(PY) manage.py check --deploy --fail-level WARNING
	$(TEST_ENV) $(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null

demo: $(VENV)/.run ## Walk the main job once against the sandbox and report every step
	@$(DEMO_ENV) $(PY) manage.py demo $(if $(DEMO_JSON),--json)

bench: dev ## Measure: ratios against baselines in the same run
	$(TEST_ENV) $(PY) -m benchmarks

soak: dev sdk ## Run what takes longer: fault matrices, kill tests, load
	$(TEST_ENV) $(PY) -m pytest -m soak --timeout 1800

audit: dev ## Ask the public advisory service about the locked versions (needs the internet)
	$(VENV)/bin/pip install --quiet pip-audit && $(VENV)/bin/pip-audit --require-hashes -r requirements.lock

screenshots: dev ## Make the pictures of the README and the docs (needs Chromium)
	$(TEST_ENV) $(PY) -m tests.browser.screenshots docs/pictures

lock: dev ## Resolve the versions anew (needs uv)
	for name in requirements requirements-dev requirements-sdk; do \
	  uv pip compile $$name.in --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --quiet -o $$name.lock || exit 1; done

dev: $(VENV)/.dev
sdk: .venv-sdk/.sdk

clean: ## Remove environments and everything the demo stored
	rm -rf $(VENV) .venv-sdk var

$(VENV)/.run: requirements.lock
	@./bin/bootstrap $(PYTHON) $(VENV) requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock
	@./bin/bootstrap $(PYTHON) $(VENV) requirements-dev.lock
	@touch $@ $(VENV)/.run

.venv-sdk/.sdk: requirements-sdk.lock
	@./bin/bootstrap $(PYTHON) .venv-sdk requirements-sdk.lock
	@touch $@
