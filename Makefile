# Every target below is what CI and the README run; `make help` lists them.
VENV := .venv
BIN := $(VENV)/bin
DEVICES ?= 100
DURATION ?= 60
SEEDS ?= 1,2
PEOPLE ?= 60

.DEFAULT_GOAL := help
.PHONY: help setup setup-local demo up down status test test-long prometheus test-compose test-security test-faults fuzz audit-deps kill kill-sink faults check format lock bench bench-detect bench-score bench-bridge bench-sink clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 15

setup: ## virtual environment, Java, Maven, Mosquitto and the servers' jars; quick when all is there
	@scripts/setup dev

# What running needs, without the developers' tools.
setup-local:
	@scripts/setup local

demo: setup-local ## the whole pipeline on real servers, then a report (DEVICES=100 DURATION=60; 0: until Ctrl-C)
	@$(BIN)/wardstream demo --devices $(DEVICES) --duration $(DURATION) --report report.json

up: setup-local ## start the servers and services here and leave them running
	@$(BIN)/wardstream up

status: setup-local ## what of `make up` is running
	@$(BIN)/wardstream status

down: setup-local ## stop what `make up` started
	@$(BIN)/wardstream down

# Each process has servers of its own, and a file's tests stay together. They mostly wait for servers, so that four suit two cores (2 GB of memory each).
# 0: one after the other.
JOBS ?= 4
test: setup ## the tests, on the real servers, in four processes (JOBS=0: one after the other)
	@$(BIN)/pytest -m "not compose and not faults and not long" -n $(JOBS) --dist loadfile --no-loadscope-reorder --durations=30

test-long: setup ## those that take half a minute or more each: brokers killed, rolling upgrades, tests of the tests
	@command -v prometheus >/dev/null || echo "make test-long: no Prometheus here, so the boards' queries are not run (tests/observe): make prometheus" >&2
	@$(BIN)/pytest -m "long and not compose" --durations=10

prometheus: ## Prometheus from Debian or Ubuntu, which tests/observe run; by sudo unless root, and nothing where it is installed
	@command -v prometheus >/dev/null || { [ "$$(id -u)" = 0 ] || as=sudo; $$as apt-get update -q && $$as apt-get install -qy --no-install-recommends prometheus; }

test-compose: setup ## the checks that need Docker Compose and the public images
	@$(BIN)/pytest -m compose

KILLS ?= 50
MOVES ?= 30
SEED ?= 0
SINK_KILLS ?= 20
FAULT_KILLS ?= 20
OUTAGE_S ?= 60
ROWS ?=
kill: setup ## the long kill test: KILLS=50 SIGKILLs and MOVES=30 joins and leaves while readings flow (SEED=0: a new one)
	@KILLS=$(KILLS) MOVES=$(MOVES) SEED=$(SEED) $(BIN)/pytest -s tests/flow/kill -k whatever

kill-sink: setup ## 20 SIGKILLs of two sinks that own the same partitions, on an S3 that refuses, dawdles and loses answers (SEED=0: a new one)
	@KILLS=$(SINK_KILLS) SEED=$(SEED) $(BIN)/pytest -s tests/parquet_sink/test_kills.py

SILENT ?= 10000
test-security: setup ## attacks on the MQTT broker, each refused or contained, with 10,000 connections that say nothing
	@SILENT=$(SILENT) $(BIN)/pytest -q tests/security

INPUTS ?= 1000000
fuzz: setup ## a million inputs at the wire and the bridge's translation (INPUTS=1000000 SEED=0: a new one)
	@$(BIN)/python -m tests.fuzz --inputs $(INPUTS) --seed $(SEED)

audit-deps: setup ## every locked package has its hash; and what advisory databases know of it, where they can be asked
	@scripts/audit-deps

test-faults: setup ## a short seeded run of the fault matrix, and builds broken on purpose that it has to catch
	@$(BIN)/pytest -s -m faults

faults: setup ## the fault matrix: a table of what broke, what was lost, doubled or wrong, and how long it took (FAULT_KILLS=20 OUTAGE_S=60 SEED=0)
	@KILLS=$(FAULT_KILLS) OUTAGE_S=$(OUTAGE_S) SEED=$(SEED) $(BIN)/python -m tests.faults $(ROWS)

check: setup ## format, lint, types, import rules and the fast tests, under a minute
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -q --hypothesis-profile check -m "not flow and not compose and not faults and not long and not slow"

format: setup ## let ruff mend what it can
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

# The versions every machine gets, with hashes; one file per image so that an image holds only what it imports.
lock: setup ## resolve pyproject.toml anew into locks/
	@for extra in dev iot_simulator mqtt_bridge stream_processor parquet_sink alarm_store sagemaker_training local deploy; do \
	  case $$extra in dev) pins= ;; *) pins="-c locks/dev.txt" ;; esac; \
	  $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate \
	    --custom-compile-command "make lock" $$pins --extra $$extra pyproject.toml -o locks/$$extra.txt || exit 1; \
	done
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --custom-compile-command "make lock" cloudformation/check.in -o locks/cloud.txt

# AWS: see docs/deploy.md.
.PHONY: setup-deploy package deploy github show push tag rollback sign smoke destroy check-cloud images sbom
STACK ?=
PARAMETERS ?=
ROLE_ARN ?=
CONFIRM ?=
KEEP_DATA ?= true
CLOUD = $(BIN)/python -m wardstream.cloud

setup-deploy:
	@scripts/setup deploy

package: setup-deploy ## upload the AWS templates, and say the address of the one to deploy by hand
	@$(CLOUD) package --stack "$(STACK)"

deploy: setup-deploy ## make or change a stack on AWS: STACK=wardstream PARAMETERS="Size=pilot"
	@$(CLOUD) deploy --stack "$(STACK)" --parameters "$(PARAMETERS)" --role-arn "$(ROLE_ARN)"

show: setup-deploy ## what `make deploy` would change, and change nothing
	@$(CLOUD) deploy --stack "$(STACK)" --parameters "$(PARAMETERS)" --role-arn "$(ROLE_ARN)" --only-show

push: setup-deploy ## build this commit's images and push them to ECR, and run none: STACK=wardstream
	@$(CLOUD) push --stack "$(STACK)"

tag: setup-deploy ## the tag of the images that a stack runs now
	@$(CLOUD) tag --stack "$(STACK)"

rollback: setup-deploy ## run other images again: STACK=wardstream TAG=…
	@$(CLOUD) rollback --stack "$(STACK)" --tag "$(TAG)" --role-arn "$(ROLE_ARN)"

sign: setup-deploy ## sign this commit's images in ECR and attest what is in them (needs cosign and sbom/)
	@scripts/sign

REPOSITORY ?=
PROVIDER_ARN ?=
github: setup-deploy ## let a GitHub repository deploy a stack: STACK=wardstream REPOSITORY=owner/name
	@$(CLOUD) github --stack "$(STACK)" --repository "$(REPOSITORY)" --provider-arn "$(PROVIDER_ARN)"

smoke: setup-deploy ## say one reading to a stack on AWS and wait for it in its lake: STACK=wardstream
	@$(CLOUD) smoke --stack "$(STACK)"

destroy: setup-deploy ## remove a stack: STACK=wardstream CONFIRM=wardstream KEEP_DATA=true
	@$(CLOUD) destroy --stack "$(STACK)" --confirm "$(CONFIRM)" --keep-data "$(KEEP_DATA)" --role-arn "$(ROLE_ARN)"

# Tools of their own, so that the services' versions stay free of theirs.
check-cloud: setup ## cfn-lint, checkov, actionlint, zizmor and the tests of what runs on AWS
	@scripts/check-cloud

TAG ?= dev
IMAGES ?= mqtt_bridge stream_processor parquet_sink alarm_store local
images: ## build every image here: TAG=dev
	@for service in $(IMAGES); do \
	  case $$service in local) start="--build-arg START=wardstream" ;; *) start= ;; esac; \
	  echo "== $$service"; \
	  docker build --quiet --build-arg SERVICE=$$service $$start --tag wardstream/$$service:$(TAG) . || exit 1; \
	done

sbom: setup-deploy ## what is in each image, as CycloneDX, into sbom/
	@$(CLOUD) sbom

bench: setup ## what each stage carries on this machine
	@for script in simulator bridge sink store latency; do echo "== $$script"; $(BIN)/python -m benchmarks.$$script || exit 1; done

bench-bridge: setup ## readings/s of one bridge beside stock paho that does nothing, in one run, and reading to Kafka
	@$(BIN)/python -m benchmarks.beside_paho

bench-sink: setup ## readings/s from Kafka to the lake by one sink, beside the limit of the same run
	@$(BIN)/python -m benchmarks.sink

bench-detect: setup ## alarms on recorded and simulated people, beside references (SEEDS=1,2 PEOPLE=60)
	@$(BIN)/python -m benchmarks.detect --seeds $(SEEDS) --people $(PEOPLE)

bench-score: setup ## readings/s through the scorer without a broker, and where the time goes
	@$(BIN)/python -m benchmarks.scoring

clean: ## remove what the targets above made here (the data of `make up` too)
	@if [ -x $(BIN)/wardstream ]; then $(BIN)/wardstream down >/dev/null || true; fi
	@rm -rf .wardstream $(VENV) .venv-cloud sbom .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache report.json
