# Everything below sets itself up: Python >= 3.11 with venv, git, make and the package registries are enough.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export npm_config_update_notifier := false
# Some machines set it: then each of some hundred processes compiles all it imports, which takes longer than most run.
export PYTHONDONTWRITEBYTECODE :=
SHELL := /bin/sh
BROWSERS ?= chromium firefox
N ?= 100000
SEED ?= $(shell date +%s)

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format lint types unit client server coverage e2e fuzz fuzz-guided stampede chaos matrix browsers bench bench-abuse bench-build bench-client bench-e2e bench-growth bench-server bench-write flakes golden lock audit dist clean

help: ## List the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

setup: ## Install what the other targets need (they do it themselves; quick when nothing changed)
	@test -n "$(PYTHON)" || { echo "make: no Python from 3.11 on was found; install one, or say make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) tools/setup.py $(SETUP)

demo: setup ## The main job: build, serve, open a page, publish one event of each kind (KEEP=1 stays up)
	@python -m tools.demo $(if $(KEEP),--keep)

test: setup ## All checks and all tests
	@$(MAKE) --no-print-directory -j 2 lint types client
	@$(MAKE) --no-print-directory server e2e

check: lint types

format: setup ## Format both languages
	ruff format . && ruff check --fix --exit-zero . && biome check --write client examples server_stub/bxpull_server/conformance bench

lint: setup
	ruff format --check . && ruff check . && biome ci client examples server_stub/bxpull_server/conformance bench && python tools/no_sleep.py

types: setup
	mypy && npm run --silent types

unit: client server ## Client unit tests, then the Python tests that need no browser

client: setup
	npm run --silent test

server: setup
	pytest tests --ignore=tests/e2e --ignore=tests/conformance --ignore=tests/chaos --ignore=tests/harness -n 2

coverage: setup ## Every branch of the protocol code is tested (not part of test: tracing breaks some runs of Python 3.11)
	pytest tests/server -n 2 --cov=bxpull_server.protocol --cov-branch --cov-fail-under=100 --cov-report=term:skip-covered

e2e: setup ## The same scenarios on every wire in every browser of BROWSERS; oracle and peers; some chaos; the examples
	pytest tests/chaos tests/conformance tests/e2e tests/harness examples -n 3 --dist loadgroup $(foreach browser,$(BROWSERS),--browser $(browser)) $(if $(filter-out $(BROWSERS),chromium firefox),,--matrix check)

matrix: setup ## Write the table of server versions, transports and browsers in docs/compatibility.md
	pytest tests/e2e -m every_wire --thorough -n 2 --dist loadgroup --browser chromium --browser firefox --matrix write

browsers: setup ## Open the conformance page in every browser, and write docs/browsers.md
	BXPULL_EVERY_BROWSER=1 pytest tests/e2e/test_conformance_page.py --browser chromium --browser firefox --write-browsers -q
	python -m tests.e2e.browsers

fuzz: setup ## Damaged input, N=100000 pieces for the server's decoders and entries and as many for the client's, from SEED or the clock
	BXPULL_FUZZ=$(N) BXPULL_FUZZ_SEED=$(SEED) pytest tests/server/test_fuzz_*.py -n 2 -q -o timeout=0
	BXPULL_FUZZ=$(N) BXPULL_FUZZ_SEED=$(SEED) npx vitest run --root client tests/codec/fuzz.test.ts

fuzz-guided: setup ## The server's decoders under atheris, which keeps inputs that reach new code: N=100000 altogether
	python -m tools.fuzz_guided --inputs $(N) --seed $(SEED)

stampede: setup ## When 1,000 clients come back after a restart, as histograms; SEED= repeats one
	@echo "SEED=$(SEED)" && BXPULL_STAMPEDE=1 BXPULL_STAMPEDE_SEED=$(SEED) npx vitest run --root client tests/stampede.test.ts

chaos: N := $(if $(filter file,$(origin N)),100,$(N))
chaos: setup ## Schedules of faults against real browsers and a killed server: N=100 in each cell, into docs/chaos.md
	python -m tests.chaos.long_run --schedules $(N) --seed $(SEED)

bench: setup ## Idle to first event, bundle sizes, 10,000 events at full speed, the harness and its clock; bench-*: the others
	python -m bench.first_event && python -m bench.publish_10k && python -m bench.harness && python -m bench.clock

bench-server: setup ## Deliveries, to many and to one of many, publishes for a second of the server's CPU time; receipts, idle subscribers
	python -m bench.server && python -m bench.unicast && python -m bench.publish && python -m bench.acks && python -m bench.idle

bench-abuse: setup ## What hundreds of bad connections do to the good ones
	python -m bench.abuse

bench-build: setup ## How long commands take: build with either engine, help, the server to its first answer
	python -m bench.build

bench-client: setup ## What an event costs the browser, beside a bare decoder of the same frames; what loading costs
	python -m bench.client
	python -m bench.load

bench-e2e: setup ## How late an event published over HTTP is handled in Chromium, and how soon 10,000 missed ones
	python -m bench.e2e

bench-write: setup ## All that docs/ has figures of, one after the other, into docs/ (most of an hour, on an idle machine)
	set -e; for name in client load first_event publish_10k server publish unicast acks idle abuse e2e build growth harness clock goals; do python -m bench.$$name --write; done

bench-growth: setup ## How costs grow with modules, handlers, connections, channels and history; draws docs/benchmarks/*.svg
	python -m bench.growth

flakes: N := $(if $(filter file,$(origin N)),1000,$(N))
flakes: setup ## Ten scenarios of the harness N=1000 times in each browser while one core is busy: none may fail
	python -m bench.flakes --rounds $(N) $(foreach browser,$(BROWSERS),--browser $(browser))

golden: setup ## Write the golden files again: generated text, the compatibility table, the README's figures, the help in docs/cli.md
	BXPULL_REGENERATE=1 pytest tests/generator/test_golden.py -q
	pytest tests/conformance --browser chromium --write-compatibility -q
	python tools/readme.py && python tools/cli_page.py

lock: ## Resolve the lock files again
	python -m pip install --quiet uv
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --group dev pyproject.toml -o requirements/dev.lock
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --group pyproject.toml:node -o requirements/node.lock
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --group pyproject.toml:release -o requirements/release.lock
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --group pyproject.toml:fuzz -o requirements/fuzz.lock
	npm install --package-lock-only

audit: setup ## Does a locked package have a known weakness? AUDIT=--where-possible only tells that nobody answers
	python -m tools.audit $(AUDIT)

dist: setup ## Wheel, sdist, bills of materials (CycloneDX) and checksums, in dist/
	python -m tools.dist

clean: ## Remove everything that was installed or built
	rm -rf .venv node_modules dist build generator/bxpull/_prebuilt test-results .mypy_cache .ruff_cache .pytest_cache
