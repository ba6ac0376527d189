# One image for the API, the worker and the migrations: the same code, three commands.
FROM python:3.13-slim-bookworm AS packages
COPY requirements.product.lock /tmp/
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --disable-pip-version-check -r /tmp/requirements.product.lock

FROM python:3.13-slim-bookworm
# A new volume takes over the owner of the folder that it is mounted on.
RUN useradd --system --uid 10001 --no-create-home revcare \
    && install -d -o revcare /var/lib/revcare/uploads
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 REVCARE_ENVIRONMENT=production REVCARE_LOG_FORMAT=json
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY operations.py settings.py worker.py ./
COPY activities activities
COPY adapters adapters
COPY api api
COPY domain domain
COPY migrations migrations
COPY workflows workflows
USER revcare
CMD ["python", "-m", "api.main"]
