# The doors of Cramp Coach.  "make" alone lists them.
#
# Needs GNU make 3.81 or newer and Python 3.11 or newer; the rest is set up here, in .venv.

.DEFAULT_GOAL := help
.PHONY: help run listen talk serve test test-aws bench browser evaluate walk fuzz judge build bundle sounds icons skill-package publish-check lint format lock clean

# .venv is our own world: another one's settings would only disturb it.
unexport PYTHONHOME PYTHONPATH

python := .venv/bin/python

# $(call set-up,run|dev|judge|browser|listen|web|lambda|aws): any Python that starts will do, for tools/bootstrap.py picks the right one
# (or PYTHON=...) and does nothing when .venv is ready.  It loops over commands instead of asking
# "command -v", because a pyenv shim is found and still does not start.
define set-up
@for any in $(python) "$${PYTHON:-python3}" python3 python3.13 python3.14 python3.12 python3.11 python; do \
    if "$$any" -c "" >/dev/null 2>&1 </dev/null; then exec "$$any" -E tools/bootstrap.py $(1); fi; \
done; \
echo "Cramp Coach needs Python 3.11 or newer, but no Python was found that starts." \
    "Install one (python.org), or name one: make PYTHON=/path/to/python3.13" >&2; exit 1
endef

# $(call stage,name,command,remedy): one step of the tests.
define stage
@echo "==> $(1)"; $(2) || { echo "make $@ stopped: $(1) failed. $(3)" >&2; exit 1; }
endef

help: ## list these commands
	@echo "Cramp Coach. Commands (each sets up what it needs):"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | \
	    while IFS='|' read -r name what; do printf '  make %-13s %s\n' "$$name" "$$what"; done

run: ## start the speaker in your browser (PORT=8000 asks for a port)
	$(call set-up,run)
	@exec $(python) -m server

listen: ## start the speaker with its microphone (adds a speech recogniser, half a gigabyte, to .venv)
	$(call set-up,listen)
	@exec $(python) -m server

talk: ## talk to the coach in the terminal (LOCALE=en-GB for another English)
	$(call set-up,run)
	@exec $(python) -m server.talk $(if $(LOCALE),--locale $(LOCALE))

serve: ## start the web service that only Alexa can open (SKILL_ID=amzn1.ask.skill..., PORT=8080; docs/web.md)
	$(call set-up,web)
	@exec $(python) -m server.web

# A process for each core; a file stays in one, with what its tests share.  More than eight would wait for the longest file.
at-once := --numprocesses auto --maxprocesses 8 --dist loadfile

test: lint ## everything that has to be right: style, types, content, generated files, tests
	$(call stage,generated files,$(python) -m tools.build --check,To write them again: make build)
	$(call stage,tests,$(python) -m pytest $(at-once),)
	@echo "All is well."

# Amazon's tools want a region, and would like to tell Amazon and ask for news: with this proxy they reach nobody, and no account.
amazon := AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none \
    SAM_CLI_TELEMETRY=0 HTTPS_PROXY=http://127.0.0.1:9 NO_PROXY=127.0.0.1 PATH="$(CURDIR)/.venv-aws/bin:$$PATH"

test-aws: ## the template and the built bundle: lint, sam build, conversations in an emulated Lambda
	$(call set-up,dev)
	$(call set-up,lambda)
	$(call set-up,aws)
	$(call stage,template,$(amazon) sam validate --lint >/dev/null && $(amazon) cfn-lint template.yaml,)
	$(call stage,bundle in an emulated Lambda,$(amazon) $(python) -m pytest tests/aws,)
	@echo "All is well on AWS."

bench: ## measure the bundle and the web door beside their peers (ROUNDS=9; makes the peers in build/peers)
	$(call set-up,web)
	$(call set-up,lambda)
	@$(python) -m tools.bench $(if $(ROUNDS),--rounds $(ROUNDS))
	@exec $(python) -m tools.bench.web $(if $(ROUNDS),--rounds $(ROUNDS))

browser: ## try the page in a real Chromium (CHROMIUM=/path/to/it; adds what drives it to .venv)
	$(call set-up,browser)
	@exec $(python) -m pytest tests/browser

evaluate: ## score the triage on the stories and sentences in tests/
	$(call set-up,run)
	@exec $(python) -m tools.evaluate

walk: ## walk the dialogue at random, 10,000 times (COUNT=500, SEED=any)
	$(call set-up,run)
	@exec $(python) -m tools.walk $(if $(SEED),--seed $(SEED)) $(if $(COUNT),--count $(COUNT))

fuzz: ## search for requests that break a door (MINUTES=10, SEED=any)
	$(call set-up,dev)
	@exec $(python) -m tools.fuzz $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES))

judge: ## have the interaction model judged on new wording (adds a small language model to .venv)
	$(call set-up,judge)
	@exec $(python) -m tools.judge

build: ## write the generated files from content/ and interaction-models/
	$(call set-up,run)
	@$(python) -m tools.build
	@exec $(python) -m tools.events

bundle: ## build what ships to Lambda, in build/bundle.zip (RELEASE=1: with Lambda's own Python or not at all)
	$(call set-up,run)
	@exec $(python) -m tools.bundle $(if $(RELEASE),--release)

# What "sam build" asks for (Metadata in template.yaml); UNRELEASED=1 is for tests on a machine without Lambda's Python.
build-SkillFunction:
	$(call set-up,run)
	@exec $(python) -m tools.bundle $(if $(UNRELEASED),,--release) --into "$(ARTIFACTS_DIR)"

sounds: ## make the sounds of a hosted hold, in build/sounds
	$(call set-up,dev)
	@exec $(python) -m tools.sounds

icons: ## draw the icons of the store from skill-package/assets/icon.svg
	$(call set-up,dev)
	@exec $(python) -m tools.icons

# $(call given,NAME,option): the option with the value of NAME; with an empty one where NAME= was typed, to be refused.
given = $(if $(or $($(1)),$(findstring command,$(origin $(1)))),$(2) "$($(1))")

skill-package: build ## write what the ASK CLI deploys to build/skill-package (ENDPOINT=arn, EU=arn, FE=arn)
	@exec $(python) -m tools.skill_package $(call given,ENDPOINT,--endpoint) $(call given,EU,--eu) $(call given,FE,--fe)

publish-check: ## what is left to settle before the skill may be submitted; fails until nothing is
	$(call set-up,dev)
	@exec $(python) -m tools.publish

lint: ## style and types only
	$(call set-up,dev)
	$(call stage,style,$(python) -m ruff check --quiet,To mend what can be mended: make format)
	$(call stage,layout,$(python) -m ruff format --check --quiet,To mend it: make format)
	$(call stage,types,$(python) -m mypy --no-error-summary,)

format: ## mend style and layout
	$(call set-up,dev)
	@$(python) -m ruff check --fix-only --quiet
	@$(python) -m ruff format

lock: ## choose package versions anew from pyproject.toml (needs uv; UPGRADE=1 for the newest)
	$(call set-up,run)
	@exec $(python) -m tools.lock $(if $(UPGRADE),--upgrade)

clean: ## remove .venv and its like, caches and build output
	@rm -rf .venv .venv-lambda .venv-aws .mypy_cache .pytest_cache .ruff_cache .hypothesis .aws-sam build dist
	@find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
