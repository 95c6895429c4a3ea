# `make help` says what each target does.
.DEFAULT_GOAL := help
.PHONY: help prereq venv demo lab test test-long check checks pages bench docs docs-hints clean

# Whatever the machine says: hundreds of processes would compile the same modules again.
export PYTHONDONTWRITEBYTECODE :=

BIN := .venv/bin
# python -m: the gate is a module of this folder.
PYTEST := $(BIN)/python -m pytest -p scripts.coverage_gate --cov --cov-report=term-missing:skip-covered
# Three tests at a time, one of them a filler: most wait for a JVM or a kernel.
PARALLEL := -p scripts.groups -p scripts.spark_classes -n 3 --dist loadscope --no-loadscope-reorder
SCRIPTS := $(wildcard .ci/run) $(wildcard scripts/*.sh) $(shell find deploy -name '*.sh')

help:  ## Show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

prereq:  ## Check what pip needs to build SparkMagic; install it with apt where that may be done
	@scripts/prerequisites.sh

venv: prereq  ## Make .venv, or bring it up to pyproject.toml
	@scripts/venv.sh

demo: venv  ## Run the tour, or NOTEBOOK=FILE, in a real PySpark kernel on a sandbox and show what a user sees (needs no cluster)
	@$(BIN)/python -m demo $(if $(NOTEBOOK),--notebook '$(NOTEBOOK)')

lab: venv  ## Open JupyterLab on the sandbox of the demo, with the tour or NOTEBOOK=FILE; Ctrl-C ends both
	@$(BIN)/python -m demo.lab $(if $(NOTEBOOK),--notebook '$(NOTEBOOK)')

test: check  ## Run the checks, then every test; closes with pytest's summary
	@scripts/kerberos.sh
	@$(PYTEST) $(PARALLEL) -m 'not long'

test-long: check  ## Run also the races, failures and configurations in number, and older SparkMagics
	@scripts/kerberos.sh
	@scripts/sparkmagic-versions.sh
	@$(PYTEST) $(PARALLEL)

check: venv  ## Run ruff, mypy, import-linter, vermin and shellcheck, and build the pages
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target checks pages
	@echo "Checks: ruff, ruff format, mypy, import-linter, vermin, shellcheck, Sphinx: clean."

checks:
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary
	@out=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$out"; exit 1; }
	@$(BIN)/vermin --quiet --no-tips --violations -t=3.10- --exclude tomllib livyguard
	@$(BIN)/shellcheck $(SCRIPTS)

# Sphinx warns of a page only when it reads it: after a warning everything is read again.
pages:
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --jobs auto --conf-dir docs -d build/doctrees . build/docs \
		|| { rm -rf build/doctrees; exit 1; }

bench: venv  ## Print the ratios against IPython, plain requests and SparkMagic alone (5 to 10 minutes; the time to YARN's reason where Livy and YARN can be had)
	@$(BIN)/python -m benchmarks

docs: venv  ## Run the notebooks that changed (5 minutes for all), and build the documentation as pages with what they show
	@$(BIN)/python -m scripts.guide_outputs
	@$(MAKE) --no-print-directory pages
	@echo "The pages: build/docs/index.html"

docs-hints: venv  ## Write docs/hints, a page for each code, from the catalogue
	@$(BIN)/python -m scripts.hint_pages

clean:  ## Remove .venv, build output and caches
	rm -rf .venv build dist .cache .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
