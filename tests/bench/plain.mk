# The same delivery as a plain Makefile does it: docker, then the terraform CLI. Measured against, never used.
# Given: PYTHON_IMAGE, REGISTRY, TAG, and in the environment what leads Terraform to its state and providers.

export DOCKER_BUILDKIT := 1
SERVICES := db-api chat-api
db-api.folder := service_db_api
chat-api.folder := service_chat
DEMO := infra/terraform/envs/demo
IMAGE = $(REGISTRY)/carepath-$*
DIGEST = $$(docker image inspect --format '{{index .RepoDigests 0}}' $(REGISTRY)/carepath-$(1):$(TAG))

.PHONY: all init repositories build test push plan apply

all: init repositories build test push plan apply

init:
	terraform -chdir=$(DEMO) init -input=false -reconfigure $(BACKEND)

repositories:
	terraform -chdir=$(DEMO) apply -input=false -auto-approve -target=module.ecr \
	    -var db_api_image=none@sha256:$(NO_DIGEST) -var chat_api_image=none@sha256:$(NO_DIGEST)

build: $(SERVICES:%=build-%)
build-%:
	docker build --quiet --build-arg PYTHON_IMAGE=$(PYTHON_IMAGE) --file $($*.folder)/Dockerfile --tag $(IMAGE):$(TAG) .

test: $(SERVICES:%=test-%)
test-%:
	docker run --rm --user 0 --network host --entrypoint sh --env PYTHONPATH=/check/site:/app --env PIP_INDEX_URL --workdir /src \
	    --volume carepath-plain-pip:/root/.cache/pip --volume $(CURDIR)/tests:/src/tests:ro --volume $(CURDIR)/pyproject.toml:/src/pyproject.toml:ro \
	    --volume $(CURDIR)/requirements/check.txt:/check/requirements.txt:ro $(IMAGE):$(TAG) -c \
	    'pip install --quiet --target /check/site --require-hashes --requirement /check/requirements.txt && \
	    python -m pytest -q -p no:cacheprovider tests/unit/service_kit tests/unit/$($*.folder)'

push: $(SERVICES:%=push-%)
push-%:
	docker push --quiet $(IMAGE):$(TAG)

plan:
	terraform -chdir=$(DEMO) plan -input=false -out=tfplan \
	    -var db_api_image=$(call DIGEST,db-api) -var chat_api_image=$(call DIGEST,chat-api)

apply:
	terraform -chdir=$(DEMO) apply -input=false tfplan
