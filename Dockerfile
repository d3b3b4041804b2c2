# Builds the browser libraries and the Python environment in one stage, runs without either's tools in the next.
FROM python:3.11-slim-bookworm AS build
WORKDIR /nexus
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY requirements.txt requirements-assets.txt package.json package-lock.json .npmrc ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY scripts/assets.py scripts/
RUN python -m venv /node && /node/bin/python scripts/assets.py

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 nexus && install -d -o nexus /data
WORKDIR /nexus
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    NEXUS_ENV=production DATABASE_URL=sqlite:////data/nexus.db UPLOAD_DIR=/data/uploads
COPY --from=build /venv /venv
COPY . .
COPY --from=build /nexus/app/static/vendor app/static/vendor
RUN install -d -o nexus instance
USER nexus
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD python -c "import os, urllib.request as r; from urllib.parse import urlsplit as u; \
r.urlopen(r.Request('http://127.0.0.1:8000/healthz', headers={'Host': u(os.environ['BASE_URL']).netloc}), timeout=4)"
CMD ["sh", "-c", "flask --app wsgi db upgrade && exec gunicorn --bind 0.0.0.0:8000 --workers 2 --threads 8 wsgi:app"]
