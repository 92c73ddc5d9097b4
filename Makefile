# Everything a newcomer types. Needs Python 3.11 or newer, pip and make; the rest is installed here,
# into .venv (the project) and .uv (uv itself, when the machine has none).
.DEFAULT_GOAL := help
PYTHON ?= python3
PORT   ?= 8080
# Test processes: they mostly wait for each other, so more than there are cores.
JOBS   ?= 7

# Compiled code is kept whatever the environment says: tests start the program a hundred times.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
UV  := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

.uv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "chibo needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv

$(BIN)/.installed: requirements.lock pyproject.toml | $(filter .uv/bin/uv,$(UV))
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: install
install: $(BIN)/.installed ## what the project needs, into .venv

.PHONY: demo
demo: install ## a town of three units in your browser: no token, no network
	$(BIN)/chibo demo --port $(PORT)

.PHONY: run
run: install ## the bot itself, with the settings from .env
	$(BIN)/chibo run

.PHONY: test
test: install ## everything but the browser and LibreOffice, on SQLite and PostgreSQL
	$(BIN)/pytest -m "not browser and not office" -n $(JOBS) --dist worksteal

.PHONY: test-browser
test-browser: install ## the journeys in headless Chromium
	@command -v chromium >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; }
	$(BIN)/pytest -m browser -n 3 --dist loadgroup

.PHONY: test-office
test-office: install ## the minutes and other papers, opened in LibreOffice
	@command -v soffice >/dev/null 2>&1 && command -v pdftotext >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq --no-install-recommends libreoffice-writer-nogui poppler-utils fonts-liberation; }
	$(BIN)/pytest -m office

.PHONY: pictures
pictures: export CHIBO_PICTURES = $(CURDIR)/docs/pictures
pictures: test-browser test-office ## both, which take the pictures of the README and of docs/ anew
	$(BIN)/pytest tests/handlers/test_report.py -k below_the_bar

.PHONY: lint
lint: install ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: check
check: lint test ## what has to pass before a change lands

.PHONY: torture
torture: install ## every named step killed, ended and stopped hundreds of times (15 minutes)
	$(BIN)/python -m tests.torture

.PHONY: mutants
mutants: install ## every guard of the rights taken out in turn: some test has to fail each time
	$(BIN)/python -m tests.mutants

.bench/.installed: bench/requirements.lock | $(BIN)/.installed
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .bench
	$(UV) pip install --quiet --python .bench/bin/python --require-hashes -r bench/requirements.lock
	@touch $@

.PHONY: bench
bench: install .bench/.installed ## our figures beside python-telegram-bot and aiogram (15 minutes)
	$(BIN)/python -m bench

.PHONY: migration
migration: install ## the change of the tables as a migration: make migration MESSAGE="add cards"
	$(BIN)/python -c 'import sys; from storage.migrate import revise; print(revise(sys.argv[1]))' "$(MESSAGE)"

.PHONY: lock
lock: | $(filter .uv/bin/uv,$(UV)) ## resolve all three requirements.lock anew
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --group dev --no-header --no-emit-index-url pyproject.toml -o requirements.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --constraints requirements.lock pyproject.toml -o deploy/requirements.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url bench/requirements.in -o bench/requirements.lock
