# What people and CI run. `make` alone lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(firstword $(shell command -v python3.11 python3))
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo-output
TEST_DATA := $(or $(EDGEKIT_TEST_DATA),../shared/data)
FOLDERS := sdk converters runtime benchmarks device_profiles

# The environment is made anew when what it is made of changes. The strict editable install
# links each file by itself, so it is refreshed when a file comes or goes.
hash = $(shell $(1) | sha256sum | cut -c1-16)
INSTALLED := $(VENV)/installed-$(call hash,cat setup.cfg pyproject.toml constraints.txt)
# Compilers, emulators and the browser that the tests run against, one Debian package a line.
SYSTEM := $(VENV)/system-$(call hash,cat tests/debian-packages.txt)
LINKED := $(VENV)/linked-$(call hash,find $(FOLDERS) -type f -not -name '*.pyc' | LC_ALL=C sort)

PIP_INSTALL := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-input

.PHONY: help demo test lint system docs bench install clean distclean

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | expand -t 18

demo: install ## Train, prune, build, prove, run and measure a small CNN; writes demo-output
	$(BIN)/python examples/digits/demo.py --output $(DEMO)

test: lint system ## Lint and types, then every test with coverage; what CI runs
	$(BIN)/python -m pytest -n 2 --dist loadfile --cov --cov-report=term

lint: install ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: install ## Write the pages that are made from the code
	$(BIN)/python -c "from edgekit.converters.contract import contract_page; print(contract_page(), end='')" > docs/contract.md.new
	mv docs/contract.md.new docs/contract.md
	$(BIN)/python -c "from edgekit.converters.c.docs_page import operators_page; print(operators_page(), end='')" > docs/c-operators.md.new
	mv docs/c-operators.md.new docs/c-operators.md
	$(BIN)/python benchmarks/figures/onnx_node_tests_pages.py
	$(BIN)/python benchmarks/figures/architectures_page.py

bench: system $(DEMO)/digits.edgekit ## Run the scripts of benchmarks/figures, but those that need other networks
	mkdir -p $(DEMO)/figures
	$(BIN)/python benchmarks/figures/runtime_overhead.py $(DEMO)/digits.edgekit --json $(DEMO)/figures/runtime_overhead.json
	$(BIN)/python benchmarks/figures/build_time.py $(DEMO)/digits.onnx --samples $(DEMO)/calibration.npz --json $(DEMO)/figures/build_time.json
	$(BIN)/python benchmarks/figures/light_networks.py --json $(DEMO)/figures/light_networks.json
	$(BIN)/python benchmarks/figures/power_meters.py $(DEMO)/digits.edgekit --json $(DEMO)/figures/power_meters.json
	$(BIN)/python benchmarks/figures/record_drill.py --json $(DEMO)/figures/record_drill.json
	$(BIN)/python benchmarks/figures/memory_plans.py --json $(DEMO)/figures/memory_plans.json
	$(BIN)/python benchmarks/figures/c_light_networks.py --only squeezenet shufflenet --json $(DEMO)/figures/c_light_networks.json
	$(BIN)/python benchmarks/figures/stripes.py --json $(DEMO)/figures/stripes.json
	if [ -d "$(TEST_DATA)" ]; then export EDGEKIT_TEST_DATA="$(TEST_DATA)"; \
		$(BIN)/python benchmarks/figures/mobilenet_v2.py $(DEMO)/mobilenet_v2.onnx; \
		$(BIN)/python benchmarks/figures/harness_overhead.py --mobilenet $(DEMO)/mobilenet_v2.onnx --json $(DEMO)/figures/harness_overhead.json; \
		$(BIN)/python benchmarks/figures/compare_verdicts.py --json $(DEMO)/figures/compare_verdicts.json; \
		$(BIN)/python benchmarks/figures/mlperf_tiny.py --json $(DEMO)/figures/mlperf_tiny.json; \
		$(BIN)/python benchmarks/figures/engine_table.py --json $(DEMO)/figures/engine_table.json; \
		$(BIN)/python benchmarks/figures/operator_profiles.py --json $(DEMO)/figures/operator_profiles.json; \
		$(BIN)/python benchmarks/figures/streaming.py --json $(DEMO)/figures/streaming.json; \
		$(BIN)/python benchmarks/figures/update_drill.py --json $(DEMO)/figures/update_drill.json; \
		$(BIN)/python benchmarks/figures/c_sanitizers.py "$(TEST_DATA)"/*_ref_int8.tflite --json $(DEMO)/figures/c_sanitizers.json; \
		$(BIN)/python benchmarks/figures/emulated_boards.py --json $(DEMO)/figures/emulated_boards.json; \
		$(BIN)/python benchmarks/figures/mcu_instructions.py "$(TEST_DATA)" \
			--peer "$(TEST_DATA)/peer_tflm_cortex_m.csv" --json $(DEMO)/figures/mcu_instructions.json; \
	else echo "figures with test data skipped: no folder $(TEST_DATA), set EDGEKIT_TEST_DATA"; fi

$(DEMO)/digits.edgekit:
	$(MAKE) demo

system: $(SYSTEM) ## Install the Debian packages of tests/debian-packages.txt, as root; else name them

# Without them their tests are skipped, each with the reason; so a missing one is no error here.
$(SYSTEM): | $(BIN)/pip
	@missing=$$(while read -r package; do \
		dpkg-query -W -f '$${Status}' "$$package" 2>/dev/null | grep -q 'ok installed' || echo "$$package"; \
	done < tests/debian-packages.txt); \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing" $$missing; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else \
		echo "not installed, so that some tests will be skipped:" $$missing; \
		echo "  -> sudo apt-get install --no-install-recommends" $$missing; \
	fi
	@rm -f $(VENV)/system-*
	@touch $@

install: $(LINKED) ## Make .venv with everything, if it is not there yet

$(LINKED): $(INSTALLED)
	$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/linked-*
	@touch $@

$(INSTALLED): | $(BIN)/pip
	@echo "installing into $(VENV): some 4 GB, a few minutes"
	$(PIP_INSTALL) -c constraints.txt 'setuptools>=69' wheel
	$(PIP_INSTALL) -c constraints.txt --no-build-isolation -e '.[all]'
	@rm -f $(VENV)/installed-* $(VENV)/linked-*
	@touch $@

# Debian and Ubuntu ship venv's ensurepip apart; root on such a machine gets it installed.
$(BIN)/pip:
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "error: edgekit needs Python 3.11 or newer, and '$(PYTHON)' is not"; \
		echo "  -> install it, or say where it is: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@'$(PYTHON)' -c 'import ensurepip, venv' 2>/dev/null || { \
		package=$$('$(PYTHON)' -c 'import sys; print("python3.%d-venv" % sys.version_info.minor)'); \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "$$package is missing: installing it"; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$$package"; \
		else \
			echo "error: '$(PYTHON)' cannot make environments: $$package is missing"; \
			echo "  -> sudo apt-get install $$package"; exit 1; \
		fi; }
	'$(PYTHON)' -m venv --clear $(VENV)

clean: ## Remove what tests, builds and the demo wrote; keeps .venv
	rm -rf $(DEMO) dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean ## Remove .venv and the links of the editable install as well
	rm -rf $(VENV) build
