# Every verb a person needs; `make` alone lists them. CI runs these same targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# One configuration serves running, testing and measuring, so nothing is compiled twice.
SWIFT_FLAGS := -c release -debug-info-format none -Xswiftc -use-ld=lld
BIN := .build/release
VENV := .build/venv
DEPLOY := .build/deploy
SOURCES := Package.swift Sources Tests

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build everything and start the whole stack on this machine
	@exec $(BIN)/martlet up

.PHONY: build
build: setup-build web-vendor ## release executables in .build/release
	@echo "build: compiling (the first time takes several minutes)"
	@swift build $(SWIFT_FLAGS)

.PHONY: test
test: setup-test web-vendor $(VENV)/ready ## unit tests, then the real executables against real clients
	@echo "test: compiling"
	@swift build $(SWIFT_FLAGS) --build-tests
	@echo "test: unit tests"
	@SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8 swift test $(SWIFT_FLAGS) --skip-build --parallel 2>&1 \
		| tee .build/unit-tests.log \
		|| { echo "test: what failed (all of it is in .build/unit-tests.log)"; grep -a '✘' .build/unit-tests.log; exit 1; }
	@node --test Tests/Web/*.test.mjs
	@$(VENV)/bin/python -m pytest Tests/Estate
	@echo "test: end to end"
	@$(MAKE) --no-print-directory test-e2e

.PHONY: test-e2e
test-e2e: $(VENV)/ready ## only the end-to-end tests, on what is built
	@$(VENV)/bin/python -m pytest Tests/EndToEnd --numprocesses 2 --dist loadfile --executables $(BIN) --artifacts .build/end-to-end

.PHONY: test-kills
test-kills: $(VENV)/ready ## kill the metric, the log and the trace server ROUNDS times each at random moments, on what is built
	@$(VENV)/bin/python -m pytest Tests/EndToEnd/test_kills.py Tests/EndToEnd/test_log_kills.py \
		Tests/EndToEnd/test_trace_kills.py -s --kill-rounds $(or $(ROUNDS),200) \
		--executables $(BIN) --artifacts .build/end-to-end

.PHONY: bench
bench: build ## martlet-metrics beside Debian's prometheus and victoria-metrics
	@packaging/install-dependencies bench
	@bench/metrics.py --executables $(BIN)
	@bench/queries.py --executables $(BIN)

.PHONY: bench-scale
bench-scale: build ## the same at scale: MODE=linear, million, sustained, churn, compaction or squeezed
	@packaging/install-dependencies bench
	@bench/scale.py $(or $(MODE),million) --executables $(BIN)

.PHONY: bench-dashboards
bench-dashboards: build $(VENV)/ready ## martlet-dashboards with a large board in a browser: BOARD=node-exporter-full.json
	@[ -n "$(BOARD)" ] || { echo "name the board: make bench-dashboards BOARD=FILE (Node Exporter Full is 1860 of grafana.com)" >&2; exit 2; }
	@$(VENV)/bin/python bench/dashboards.py --board "$(BOARD)" --executables $(BIN) $(if $(ONLY),--only $(ONLY))

.PHONY: package
package: build ## packages for Debian and Ubuntu, a tarball and checksums in .build/package
	@packaging/install-dependencies package
	@packaging/make-package

.PHONY: test-package
test-package: package $(VENV)/ready ## install, run, upgrade and remove the packages in a plain Debian; needs root
	@packaging/make-root .build/debian-12
	@$(VENV)/bin/python -m pytest Tests/Packaging

.PHONY: deploy
deploy: package ## the stack in AWS, as terraform/terraform.tfvars says: see docs/deploy.md
	@terraform/deploy

.PHONY: test-deploy
test-deploy: $(DEPLOY)/ready ## terraform/ without AWS: modules, user data, every name of the AWS layer
	@command -v terraform >/dev/null || echo "test: terraform (1.11 or later) is not in PATH; what it renders is left out"
	@$(DEPLOY)/venv/bin/python -m pytest Tests/Deploy --work $(DEPLOY) --wheel "$$(ls $(DEPLOY)/*.whl)" \
		--checkov $(DEPLOY)/checkov/bin/checkov --executables $(BIN)

# Asked before anything is built.
.PHONY: as-root
as-root:
	@[ "$$(id -u)" -eq 0 ] || { echo "only root can make namespaces, mounts and loop devices: run it with sudo" >&2; exit 1; }

.PHONY: test-rehearsal
test-rehearsal: as-root package $(DEPLOY)/ready ## deploy into machines of namespaces, lose and restore some; needs root and terraform
	@packaging/make-root .build/debian-12
	@$(DEPLOY)/venv/bin/python -m pytest Tests/Rehearsal $(if $(SHORT),--short)

.PHONY: demo
demo: build ## the stack, beside it an estate of invented systems that fill every board, and incidents to turn on
	@python3 examples/estate/demo.py --martlet $(BIN)/martlet

.PHONY: demo-flask
demo-flask: build $(VENV)/ready ## the stack, beside it a real Flask service under load
	@$(VENV)/bin/python examples/flask-app/demo.py --martlet $(BIN)/martlet

.PHONY: lint
lint: setup-test web-vendor ## layout of the Swift sources, types and weight of the web sources
	@swift format lint --strict --recursive --parallel $(SOURCES)
	@tsc --project web/jsconfig.json
	@web/preload

.PHONY: format
format: ## let swift format decide the layout
	@swift format --in-place --recursive --parallel $(SOURCES)

.PHONY: setup-build
setup-build:
	@packaging/install-dependencies build

.PHONY: setup-test
setup-test:
	@packaging/install-dependencies test

.PHONY: web-vendor
web-vendor: setup-build
	@web/fetch-vendor

$(VENV)/ready: Tests/EndToEnd/requirements.txt examples/flask-app/requirements.txt | setup-test
	@echo "test: installing Python clients into $(VENV)"
	@mkdir -p .build
	@python3 -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# Two environments, since the scanner brings a parser of its own under the same name. The provider's names come in a wheel of
# 60 MB, which is read once.
$(DEPLOY)/ready: Tests/Deploy/requirements.txt Tests/Deploy/scanner.txt Tests/Deploy/provider.txt
	@packaging/install-dependencies deploy
	@echo "test: installing the scanner, the parser and the AWS provider's names into $(DEPLOY)"
	@mkdir -p $(DEPLOY)
	@rm -f $(DEPLOY)/*.whl
	@python3 -m venv $(DEPLOY)/venv
	@$(DEPLOY)/venv/bin/pip install --quiet --disable-pip-version-check --requirement Tests/Deploy/requirements.txt
	@python3 -m venv $(DEPLOY)/checkov
	@$(DEPLOY)/checkov/bin/pip install --quiet --disable-pip-version-check --requirement Tests/Deploy/scanner.txt
	@$(DEPLOY)/venv/bin/pip download --quiet --disable-pip-version-check --no-deps --dest $(DEPLOY) \
		--requirement Tests/Deploy/provider.txt
	@touch $@
