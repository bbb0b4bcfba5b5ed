# Every target is one line that delegates: to the pipeline (ci/main.py) or to nox.

# Brings .venv to the lock first, so that each target sets up all it needs.
RUN  := sh ci/environment.sh
CI   := $(RUN) python ci/main.py
NOX  := $(RUN) nox --no-venv
# Rehearsed at a terminal, the services stay up to be tried.
# Asked of stderr: the answer itself goes through stdout.
KEEP := $(shell [ -t 0 ] && [ -t 2 ] && echo --keep)

.DEFAULT_GOAL := help
.PHONY: help venv lock demo test test-all lint scan doctor tf-init tf-plan tf-apply tf-destroy \
        docker-build-db-api docker-build-chat docker-push-db-api docker-push-chat deploy-db-api deploy-chat deploy-all

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## Rehearse the whole deploy on this machine: no account, no engine, no root
	@$(CI) rehearse $(KEEP)

test: ## Run the fast tests: every kind of promise by at least one case
	@$(NOX) -s tests

test-all: ## Run the other tests: each row of the fault tables, kills, browsers, the vendors' SDKs
	@$(NOX) -s tests-slow
	@$(RUN) nox -s vendors

lint: ## Run the linters and the type checker
	@$(NOX) -s lint types

scan: ## Scan the Terraform files with checkov, in an environment of its own
	@$(RUN) nox -s checkov

doctor: ## Say what a first run needs and how to mend what is missing
	@$(CI) doctor

venv: ## Bring .venv to the lock
	@$(RUN)

lock: ## Resolve pyproject.toml's groups again into requirements/*.txt
	@$(NOX) -s lock

tf-init: ## Make the state backend where it is missing, then terraform init
	@$(CI) bootstrap

tf-plan: ## terraform plan for envs/demo, saved
	@$(CI) plan

tf-apply: ## terraform apply of the saved plan
	@$(CI) apply

tf-destroy: ## terraform destroy of envs/demo, after asking
	@$(CI) destroy

docker-build-db-api: ## Build service_db_api/Dockerfile
	@$(CI) build --service db-api

docker-build-chat: ## Build service_chat/Dockerfile
	@$(CI) build --service chat-api

docker-push-db-api: ## Build, check and push to carepath-db-api in ECR
	@$(CI) publish --service db-api

docker-push-chat: ## Build, check and push to carepath-chat-api in ECR
	@$(CI) publish --service chat-api

deploy-db-api: ## Build and push db-api, then apply the app module with its digest
	@$(CI) deploy --service db-api

deploy-chat: ## Build and push chat-api, then apply the app module with its digest
	@$(CI) deploy --service chat-api

deploy-all: ## Build and push both, then apply all of envs/demo
	@$(CI) deploy
