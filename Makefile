# `make run` and `make test` need nothing but Python 3.11 or newer; everything else they fetch or bring along.
SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/bin
JOBS ?= 2
SOAK := "test_races or test_machine or (two and at_once) or opposite_merges"
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUNBUFFERED := 1

.PHONY: run test client bench ux gallery soak slow lint fmt lock messages audit chromium clean

run: $(VENV)/.run
	@exec $(BIN)/python manage.py up

test: $(VENV)/.dev chromium lint audit
	@$(BIN)/python -m handover.server.translations
	@HANDOVER_LOCAL=1 $(BIN)/python -m handover.server.with_database $(BIN)/python -m pytest -n $(JOBS) --dist loadfile -q $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	HANDOVER_LOCAL=1 $(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/lint-imports --no-cache
	HANDOVER_LOCAL=1 $(BIN)/python -m handover.server.with_database $(BIN)/python manage.py makemigrations --check --dry-run

audit: $(VENV)/.dev
	@$(BIN)/python scripts/audit.py

# A Python client, generated from the API's schema into build/client.
client: $(VENV)/.dev
	@HANDOVER_LOCAL=1 $(BIN)/python -m handover.server.with_database $(BIN)/python scripts/client.py build/client

chromium:
	@sh scripts/chromium.sh

bench: $(VENV)/.run
	@HANDOVER_LOCAL=1 $(BIN)/python -m handover.server.with_database $(BIN)/python -m bench $(ARGS)

ux: $(VENV)/.dev chromium
	@HANDOVER_LOCAL=1 $(BIN)/python -m ux $(ARGS)
	@HANDOVER_LOCAL=1 HANDOVER_STATES=all $(BIN)/python -m handover.server.with_database $(BIN)/python -m pytest -q tests/hand/test_every_page.py

gallery: $(VENV)/.dev chromium
	@HANDOVER_LOCAL=1 $(BIN)/python -m ux gallery $(ARGS)

# Every test with two hands at the same instant 200 times over, every state machine with 300 examples: long, so no part of `make test`.
soak: $(VENV)/.dev
	@HANDOVER_LOCAL=1 HANDOVER_RACES=$${HANDOVER_RACES:-200} HANDOVER_EXAMPLES=$${HANDOVER_EXAMPLES:-300} \
		$(BIN)/python -m handover.server.with_database $(BIN)/python -m pytest -n $(JOBS) --dist loadfile -q -k $(SOAK) $(ARGS)

# Every test in a real browser with its pages' processor slowed down to a sixth, without a second try: half an hour.
slow: $(VENV)/.dev chromium
	@HANDOVER_LOCAL=1 HANDOVER_SLOWED=$${HANDOVER_SLOWED:-6} \
		$(BIN)/python -m handover.server.with_database $(BIN)/python -m pytest -n $(JOBS) --dist loadfile -q -m browser $(ARGS)

fmt: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.dev
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile -q --no-header --no-annotate --python-version 3.11 --universal requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --no-header --no-annotate --python-version 3.11 --universal requirements-dev.in -o requirements-dev.txt

messages: $(VENV)/.dev
	@sh scripts/messages.sh

# The environment is made anew only when what it stands on has changed.
$(VENV)/bin/pip:
	@sh scripts/venv.sh $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/pip
	@echo "Installing requirements.txt into $(VENV) …"
	@$(BIN)/pip install -q -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt | $(VENV)/bin/pip
	@echo "Installing requirements-dev.txt into $(VENV) …"
	@$(BIN)/pip install -q -r requirements-dev.txt
	@touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
