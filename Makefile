# One word per chore. Each sets itself up first; all may be run in any order, and again.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: demo test check verify bench serve docs qualify calibrate clean

demo: $(STAMP)
	@"$(BIN)/follicast" demo --out out

test: $(STAMP) check
	@"$(BIN)/pytest"

check: $(STAMP)
	@"$(BIN)/ruff" check .
	@"$(BIN)/ruff" format --check --quiet .
	@"$(BIN)/mypy"

verify: $(STAMP) docs
	@"$(BIN)/python" -m verification

qualify: $(STAMP)
	@"$(BIN)/follicast" qualify

calibrate: $(STAMP)
	@"$(BIN)/pip" install --quiet --constraint constraints.txt --editable '.[calibrate]'
	@"$(BIN)/follicast" calibrate --resume

bench: $(STAMP)
	@"$(BIN)/pip" install --quiet --constraint constraints.txt --editable '.[bench]' || echo "Peers could not be installed; those missing are left out."
	@"$(BIN)/follicast" bench

serve: $(STAMP)
	@"$(BIN)/follicast" serve

docs: $(STAMP)
	@"$(BIN)/pip" install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[docs]'
	@"$(BIN)/python" docs/build.py
	@"$(BIN)/sphinx-build" --fail-on-warning --keep-going --nitpicky --quiet -j auto docs docs/_build/html
	@echo "docs/_build/html/index.html"

clean:
	rm -rf "$(VENV)" out docs/_build docs/reference

$(STAMP): pyproject.toml constraints.txt
	@test -x "$(BIN)/python" || $(PYTHON) -m venv "$(VENV)"
	@echo "Setting up (once; a minute or two) ..."
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch "$(STAMP)"
