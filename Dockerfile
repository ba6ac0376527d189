# One image for the API, both roles of the worker and the migrations: the same code, different commands.
FROM python:3.13-slim-bookworm AS packages
# LOCK=requirements.heic.lock adds what decodes HEIC; pyproject.toml says which licence that has.
ARG LOCK=requirements.product.lock
COPY ${LOCK} /tmp/requirements.lock
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --disable-pip-version-check -r /tmp/requirements.lock

FROM python:3.13-slim-bookworm
# A new volume takes over the owner of the folder that it is mounted on.
RUN useradd --system --uid 10001 --no-create-home revcare \
    && install -d -o revcare /var/lib/revcare/uploads \
    && install -d -o revcare -m 0700 /var/lib/revcare/backups
# pg_dump refuses a server that is newer than itself, and the distribution's own is older than ours.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates postgresql-common \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install -y --no-install-recommends postgresql-client-18 \
    && rm -rf /var/lib/apt/lists/*
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 REVCARE_ENVIRONMENT=production REVCARE_LOG_FORMAT=json
ENV REVCARE_PG_BIN=/usr/lib/postgresql/18/bin BACKUP_DIR=/var/lib/revcare/backups
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY backup_settings.py kind_settings.py production.py push_settings.py retention_settings.py second_factor_settings.py setting_types.py settings.py startup.py throttle_settings.py worker.py ./
COPY activities activities
COPY adapters adapters
COPY api api
COPY domain domain
COPY kinds kinds
COPY migrations migrations
COPY operations operations
COPY workers workers
COPY workflows workflows
RUN printf '#!/bin/sh\nPYTHONPATH=/app exec python -m operations "$@"\n' > /usr/local/bin/revcare && chmod 755 /usr/local/bin/revcare
USER revcare
CMD ["python", "-m", "api.main"]
