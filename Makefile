# What people type and what CI runs. Every target first sets up what it misses.
#
#   PYTHON       the Python (3.11 or newer) that makes the environments; the first that suits if not given
#   PYTEST_ARGS  more for pytest, e.g. `make test PYTEST_ARGS="-k hello"` (default: two workers)
#   UPSTREAM     the codex-cli version that pycodex speaks where none is named (exported as PYCODEX_UPSTREAM)
#   VERSION      of codex-cli, for capture; NOISE how often to record again; JOBS at a time; SAMPLE=1 only a few scenarios
#   HTML         for report, a folder for its pages; JUNIT a file for JUnit XML; AGENT another agent or a command line in pycodex' place
#   FROM, TO     for drift, versions of codex-cli: `recorded` is the newest with recordings, `latest` npm's; ALL=1 every
#                scenario; MARKDOWN, JSON files to write
#   CALLS        for fuzz, per version; SEED what they follow from; VERSION only this one; JOBS at a time
#   FAULTS       for fuzz, in place of calls: random fault scripts per version; BESIDE so many beside codex-cli, too
#   LOCK_ARGS    more for uv, e.g. `make lock LOCK_ARGS=--upgrade`

RECENT := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do $$p -c '$(RECENT)' 2>/dev/null && echo $$p && break; done)
UV ?= uv
PYTEST_ARGS ?= -n 2 --dist worksteal

ifdef UPSTREAM
export PYCODEX_UPSTREAM := $(UPSTREAM)
endif

RUN := .venv/bin/python -m
PIP := -m pip install -qq --disable-pip-version-check
CAPTURE_ARGS := $(if $(VERSION),--version $(VERSION)) $(if $(NOISE),--noise $(NOISE)) $(if $(JOBS),--jobs $(JOBS)) $(if $(SAMPLE),--sample)
REPORT_ARGS := --summary $(if $(AGENT),--agent "$(AGENT)",--alignment docs/ALIGNMENT.md) $(if $(HTML),--html $(HTML)) $(if $(JUNIT),--junit $(JUNIT)) $(if $(JOBS),--jobs $(JOBS))
FUZZ_ARGS := $(if $(CALLS),--calls $(CALLS)) $(if $(SEED),--seed $(SEED)) $(if $(VERSION),--version $(VERSION)) $(if $(JOBS),--jobs $(JOBS))
FROM ?= recorded
TO ?= latest
DRIFT_ARGS := $(FROM) $(TO) $(if $(ALL),--all) $(if $(MARKDOWN),--markdown $(MARKDOWN)) $(if $(JSON),--json $(JSON)) $(if $(JOBS),--jobs $(JOBS))
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command 'make lock' $(LOCK_ARGS)

# The first line of each recipe that makes an environment.
NEED_PYTHON = @$(or $(PYTHON),false) -c '$(RECENT)' || { echo "make: Python 3.11 or newer is needed, and $(or $(PYTHON),no python3 on the PATH) is not; try: make setup PYTHON=/path/to/python3.11" >&2; exit 2; }

.DEFAULT_GOAL := help
.PHONY: help setup setup-proxy demo test lint capture report drift bench fuzz lock clean need-npm

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: .venv/.ready  ## build .venv from requirements/dev.txt

setup-proxy: .venv-mitmproxy/.ready  ## build .venv-mitmproxy from requirements/mitmproxy.txt

.venv/.ready: requirements/dev.txt pyproject.toml
	$(NEED_PYTHON)
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/python $(PIP) --require-hashes -r $< && .venv/bin/python $(PIP) --no-deps --no-build-isolation -e . && touch $@

.venv-mitmproxy/.ready: requirements/mitmproxy.txt
	$(NEED_PYTHON)
	test -x .venv-mitmproxy/bin/python || $(PYTHON) -m venv .venv-mitmproxy
	.venv-mitmproxy/bin/python $(PIP) --require-hashes -r $< && touch $@

demo: setup  ## one turn with a tool call, then every scenario against the recordings of codex-cli
	$(RUN) compare demo

test: setup setup-proxy  ## run every test (needs no npm)
	$(RUN) pytest $(PYTEST_ARGS)

lint: setup  ## ruff and mypy, no changes made
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy

capture: need-npm setup setup-proxy  ## record the real codex-cli; writes what changed (needs npm)
	$(RUN) compare capture $(CAPTURE_ARGS)
	$(RUN) captures models
	$(RUN) captures export

report: setup  ## run pycodex through every scenario: lane x surface, docs/ALIGNMENT.md, and pages with HTML=out/
	$(RUN) compare report $(REPORT_ARGS)

drift: setup  ## what changed between two versions of codex-cli (FROM, TO), and who must do something about it
	$(RUN) compare drift $(DRIFT_ARGS)

bench: need-npm setup  ## time pycodex beside the real codex-cli (needs npm), and its layer beside LiteLLM
	$(RUN) tests.bench.sse
	$(RUN) tests.bench
	$(RUN) tests.bench.layer

fuzz: need-npm setup  ## the same random tool calls to the real codex-cli and to pycodex, compared (needs npm)
	$(RUN) $(if $(FAULTS),tests.fuzz_faults --scripts $(FAULTS) $(if $(BESIDE),--beside $(BESIDE)),tests.fuzz) $(FUZZ_ARGS)

lock:  ## resolve the dependencies of pyproject.toml again (needs uv)
	@command -v $(UV) >/dev/null || { echo "make $@: uv is needed to resolve the locks; install it, or say where it is: make $@ UV=/path/to/uv" >&2; exit 2; }
	$(LOCK) pyproject.toml --group dev -o requirements/dev.txt
	for name in litellm mitmproxy openai openresponses python-codex; do $(LOCK) --group $$name -o requirements/$$name.txt || exit; done

clean:  ## remove caches, builds and .work; the environments stay
	rm -rf .work .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

need-npm:
	@command -v npm >/dev/null || { echo "make $(MAKECMDGOALS): npm is needed to install the real codex-cli; install Node.js and try again" >&2; exit 2; }
