"""What goes round the application in production: compose, nginx, systemd, the image."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.core.settings import Settings
from app.core.smtp import mail_server
from tests.conftest import MISSING

ROOT = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
EXAMPLE = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.M))
TEMPLATE = (ROOT / "deploy" / "nginx.conf.template").read_text()


def test_only_nginx_is_reachable_and_everything_comes_back() -> None:
    services = COMPOSE["services"]
    assert {name for name, service in services.items() if "ports" in service} == {"nginx"}
    assert {name for name, service in services.items() if service["restart"] == "no"} == {"migrate"}
    for name in ("web", "worker", "migrate"):
        service = services[name]
        assert service["read_only"] and service["cap_drop"] == ["ALL"], name
        assert service["environment"]["NEXUS_ENV"] == "production"


def test_compose_asks_only_for_what_the_example_names_and_sets_what_there_is() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "compose.yaml").read_text()))
    assert asked == EXAMPLE.keys()
    known = {name.upper() for name in Settings.model_fields}
    for name in ("web", "worker", "migrate"):
        assert COMPOSE["services"][name]["environment"].keys() <= known
    declared = set(COMPOSE["volumes"])
    named = {
        volume.split(":")[0] for service in COMPOSE["services"].values() for volume in service.get("volumes", [])
        if not volume.startswith((".", "$"))
    }
    assert named == declared


def test_the_example_is_safe_once_its_secrets_are_filled_in() -> None:
    filled = {name: value or "0123456789abcdef" * 4 for name, value in EXAMPLE.items()}
    given = Settings(
        nexus_env="production", secret_key=filled["SECRET_KEY"], base_url=filled["BASE_URL"],
        smtp_url=filled["SMTP_URL"], mail_from=filled["MAIL_FROM"], metrics_token=filled["METRICS_TOKEN"],
    )
    given.refuse_unsafe()
    assert mail_server(given.smtp_url) is not None
    assert EXAMPLE["BASE_URL"] == f"https://{EXAMPLE['NEXUS_HOST']}"


def test_nginx_hangs_up_before_the_server_does() -> None:
    """The other way round a form sent at that moment would be lost: nginx does not send it again."""
    nginx = re.search(r"^    keepalive_timeout (\d+)s;", TEMPLATE, re.M)
    server = re.search(r"^keepalive = (\d+)", (ROOT / "gunicorn.conf.py").read_text(), re.M)
    assert nginx and server
    assert int(nginx[1]) + 10 <= int(server[1])


def test_no_secret_stands_in_the_example() -> None:
    assert [name for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "METRICS_TOKEN") if EXAMPLE[name]] == []


@pytest.mark.skipif("nginx" in MISSING, reason="nginx or openssl is not installed")
def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
         "-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    site = TEMPLATE
    values = {"NEXUS_HOST": "localhost", "NEXUS_UPSTREAM": "127.0.0.1:8000", "NEXUS_CERTIFICATES": str(tmp_path)}
    for name, value in values.items():
        site = site.replace(f"${{{name}}}", value)
    assert "${" not in site
    site = site.replace("listen 80;", "listen 18080;").replace("listen 443 ", "listen 18443 ")  # which anybody may open
    (tmp_path / "site.conf").write_text(site)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    own = "".join(f" {kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}}"
        f" http {{ access_log off;{own} include /etc/nginx/mime.types; include {tmp_path}/site.conf; }}"
    )
    tried = subprocess.run(["nginx", "-t", "-c", whole, "-p", tmp_path], capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr


def test_units_start_what_there_is() -> None:
    docs = (ROOT / "docs" / "deploying.md").read_text()
    for name in ("nexus-web", "nexus-worker"):
        unit = (ROOT / "deploy" / f"{name}.service").read_text()
        assert "/srv/nexus/nexus" in unit and "EnvironmentFile=/etc/nexus.env" in unit
        assert f"{name}.service" in docs


def test_the_image_runs_as_nobody_special_and_copies_what_it_builds() -> None:
    recipe = (ROOT / "Dockerfile").read_text()
    last = recipe.split("\nFROM ")[-1]
    assert "USER 10001" in last and "NEXUS_ENV=production" in last
    assert "HEALTHCHECK" in last and '"scripts/alive.py"' in last and (ROOT / "scripts" / "alive.py").is_file()
    assert all(f"COPY --from=build /nexus/app/static/{folder}" in last for folder in ("vendor", "dist"))
    assert ":latest" not in recipe
    assert {"tests", ".git", ".env", "instance"} <= set((ROOT / ".dockerignore").read_text().split())
