# Builds the browser libraries and the Python environment in one stage, runs without either's tools in the next.
FROM python:3.11-slim-bookworm AS build
WORKDIR /nexus
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY requirements.txt requirements-assets.txt package.json package-lock.json .npmrc ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY scripts scripts
COPY app/static app/static
RUN python -m venv /node && /node/bin/python scripts/assets.py

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 nexus && useradd --create-home --uid 10001 --gid nexus nexus && install -d -o nexus -g nexus /data
WORKDIR /nexus
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    NEXUS_ENV=production DATABASE_URL=sqlite:////data/nexus.db UPLOAD_DIR=/data/uploads BIND=0.0.0.0:8000
COPY --from=build /venv /venv
COPY . .
COPY --from=build /nexus/app/static/vendor app/static/vendor
COPY --from=build /nexus/app/static/dist app/static/dist
RUN install -d -o nexus -g nexus instance
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "scripts/alive.py"]
CMD ["gunicorn", "wsgi:app"]
