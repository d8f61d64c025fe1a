# What a newcomer needs: `make demo` and `make test`. Everything is installed into .venv beside this file.
PORT ?= 8000
SHOP ?= demo-shop
# Where the real data sets are; the environment variable AISLE_DATASETS names another folder, also for the tests.
DATASETS ?= $(or $(AISLE_DATASETS),../shared/datasets)
VENV := .venv
BIN := $(VENV)/bin
# PYTHON=/path/to/python3.12 picks an interpreter; otherwise the first of these that is 3.11 or newer.
PYTHON ?=
CANDIDATES := $(PYTHON) python3 python3.13 python3.12 python3.11 python

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint bench test-slow docs clean

help:  ## Show these lines
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

demo: $(VENV)/.installed  ## Build the sample shop once, serve it, print its address (PORT=8000)
	$(BIN)/aisle demo --folder $(SHOP) --port $(PORT)

# Most tests wait for processes of their own, so two run side by side; each then has one core for its arithmetic.
test: lint  ## Install everything; run ruff, mypy, lint-imports and the tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile

test-slow: $(VENV)/.installed-dev  ## Run the tests that need minutes
	$(BIN)/python -m pytest -m slow

lint: $(VENV)/.installed-dev  ## Check style, types and the floors
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-bench  ## Measure speed and quality; print the tables of docs/benchmarks.md
	$(BIN)/python benchmarks/search.py $(DATASETS)/chorus_icecat
	$(BIN)/python benchmarks/search_speed.py $(DATASETS)/homedepot_search
	$(BIN)/python benchmarks/peers.py $(DATASETS)
	$(BIN)/python benchmarks/ranking.py $(DATASETS)
	$(BIN)/python benchmarks/late_stage.py $(DATASETS)
	$(BIN)/python benchmarks/spelling.py $(DATASETS)
	$(BIN)/python benchmarks/intent.py $(DATASETS)/chorus_icecat
	$(BIN)/python benchmarks/compress.py $(DATASETS) --data homedepot
	$(BIN)/python benchmarks/compress.py $(DATASETS) --data icecat
	$(BIN)/python benchmarks/chinese.py $(DATASETS)/zh_ecommerce
	$(BIN)/python benchmarks/filters.py $(DATASETS)/homedepot_search
	$(BIN)/python benchmarks/finetune.py $(DATASETS)
	$(BIN)/python benchmarks/users.py $(DATASETS)
	$(BIN)/python benchmarks/classify.py $(DATASETS)
	$(BIN)/python benchmarks/pretrain.py $(DATASETS)
	$(BIN)/python benchmarks/together.py
	$(BIN)/python benchmarks/events.py
	$(BIN)/python benchmarks/scale.py
	$(BIN)/python benchmarks/scale_events.py
	$(BIN)/python benchmarks/capacity.py
	$(BIN)/python benchmarks/recommend.py $(DATASETS)
	$(BIN)/python benchmarks/recommend_speed.py $(DATASETS)

docs: $(VENV)/.installed  ## Write docs/settings.md and docs/cli.md anew from the code
	$(BIN)/python docs/generate.py

clean:  ## Remove the virtual environment, caches and the demo shop
	rm -rf $(VENV) $(SHOP) .$(notdir $(SHOP)).making .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests benchmarks examples docs -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is written when its step is done, so an interrupted install starts over and a finished one is never repeated.
$(VENV)/.created:
	@rm -rf $(VENV)
	@for python in $(CANDIDATES); do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "Aisle needs Python 3.11 or newer, and none was found as: $(strip $(CANDIDATES))." >&2; \
	    echo "Install one, or name it: make PYTHON=/path/to/python3.12 ..." >&2; exit 1; \
	fi; \
	if ! $$found -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "$$found lacks the module venv; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	fi; \
	echo "Creating $(VENV) with $$($$found --version)"; \
	$$found -m venv $(VENV)
	@touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.created
	$(BIN)/python -m pip install --quiet -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml $(VENV)/.created
	$(BIN)/python -m pip install --quiet -e ".[dev]"
	@touch $(VENV)/.installed $@

$(VENV)/.installed-bench: pyproject.toml $(VENV)/.created
	$(BIN)/python -m pip install --quiet -e ".[bench]"
	@touch $(VENV)/.installed $@
