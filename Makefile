# Two commands matter: `make demo` and `make test`. Both set themselves up in .venv.
PYTHON ?= python3
AICS_TLOG_SHA256 := e8cd2be003001576353bbd1a139b68252baf85df8e5d356c5ff26f3c417efdfc
BIN := .venv/bin
READY := .venv/.ready
PEERS := .venv/.peers

.PHONY: help demo test lint bench check lock clean
help:  ## what each command does
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-6s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# pip's --ignore-requires-python is for aics-tlog, the independent log verifier of the tests:
# it declares Python 3.12 and runs on 3.11.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --ignore-requires-python -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY)  ## a sandbox world, the gateway, one profile and its proof (ONCE=1 to exit afterwards)
	$(BIN)/creditgate demo $(if $(ONCE),--once) $(ARGS)

test: $(READY)  ## the test suite (ARGS="-k vault" to choose)
	$(BIN)/python -m pytest $(ARGS)

lint: $(READY)  ## ruff, mypy strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What is only compared with: in no other command's way.
$(PEERS): benchmarks/requirements.lock $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/requirements.lock
	@touch $@

bench: $(PEERS)  ## costs as ratios against named peers, in one run
	$(BIN)/python -m benchmarks $(ARGS)

check: lint test  ## everything CI runs

lock:  ## renew requirements.lock from pyproject.toml, and the one of the benchmarks (needs uv)
	uv pip compile pyproject.toml --extra parquet --group dev --group bench --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet -o requirements.lock
	uv pip compile benchmarks/requirements.in --constraint requirements.lock --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet -o benchmarks/requirements.lock
	printf 'aics-tlog==0.2.1 \\\n    --hash=sha256:%s\n' $(AICS_TLOG_SHA256) >> requirements.lock

clean:  ## remove what the commands made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist *.egg-info
