# Every target does its own set-up; Python 3.11 or newer is all that has to be there.
#
#   make demo      see it work                  make test      everything that has to hold
#
# Settings: PYTHON (which Python makes .venv), PORT (of the demo), WORKERS (test processes).

PYTHON  ?= python3
WORKERS ?= 2
PORT    ?=
VENV    := .venv
BIN     := $(VENV)/bin
RUN     := $(VENV)/.installed
DEV     := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.PHONY: help demo test check fix docs screenshots clean chromium portal-client

help:  ## list the targets
	@sed -n 's/^\([a-z][a-z-]*\):.*##/\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

demo: $(RUN)  ## index the bundled organisation and serve it: page and API
	@$(BIN)/callboard demo $(if $(PORT),--port $(PORT))

test: $(DEV) chromium portal-client  ## the full check: format, lint, types, layers, docs, then every test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy scripts
	$(BIN)/lint-imports --no-logo
	$(BIN)/python scripts/gen_docs.py --check
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -q

check: test  ## the same as test

fix: $(DEV)  ## format, and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(DEV)  ## write the generated pages of docs/ again
	$(BIN)/python scripts/gen_docs.py

screenshots: $(DEV) chromium  ## make the pictures of the README again
	$(BIN)/python scripts/screenshots.py

clean:  ## remove everything that was made here: .venv, caches, builds
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

chromium:
	@.ci/chromium

portal-client:
	@.ci/portal-client

# The stamps make a second run instant; a changed pyproject.toml installs again.
$(RUN): pyproject.toml
	@if [ -e $(DEV) ] && [ ! pyproject.toml -nt $(DEV) ]; then touch $@; else PYTHON='$(PYTHON)' .ci/venv $(VENV) -e . && touch $@; fi

$(DEV): pyproject.toml
	@PYTHON='$(PYTHON)' .ci/venv $(VENV) -e '.[dev]'
	@touch $@ $(RUN)
