# The service alone: its database, its issuer and its settings come from where it runs.
FROM python:3.11.14-slim-trixie AS builder

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements/service.lock /build/service.lock
# Without pip of its own: the image can install nothing into it.
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install \
        --require-hashes --only-binary :all: --requirement /build/service.lock \
    && /opt/venv/bin/python -m compileall -q /opt/venv/lib


FROM node:24.19.0-trixie-slim AS frontend

WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund


FROM python:3.11.14-slim-trixie

# Names are written in every alphabet. The archive keeps one version of a font, so there is none to pin.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji \
    && rm -rf /var/lib/apt/lists/* \
    && python -m pip uninstall --yes --root-user-action=ignore pip \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin broker

COPY --from=builder /opt/venv /opt/venv
COPY --from=frontend /build/node_modules /opt/venv/share/referral-broker/node_modules
COPY pyproject.toml /app/
COPY migrations /app/migrations
COPY service /app/service

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /app
USER 10001
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]

# Migrations run beside it, as the owner: python -m service.cli migrate
CMD ["uvicorn", "service.app:served_app", "--factory", "--host", "0.0.0.0", "--port", "8000", "--no-access-log", "--no-server-header", "--timeout-keep-alive", "75", "--timeout-graceful-shutdown", "5"]
