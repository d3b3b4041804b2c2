"""What goes round the application in production: compose, nginx, systemd, the image."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.core.settings import Settings, UnsafeSettings
from app.core.smtp import mail_server
from tests.conftest import MISSING

ROOT = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
EXAMPLE = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.M))
DOCS = {page.stem: page.read_text() for page in (ROOT / "docs").glob("*.md")}
SERVER = set(re.findall(r'environ\.get\("(\w+)"', (ROOT / "gunicorn.conf.py").read_text()))
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
    known = {name.upper() for name in Settings.model_fields} | SERVER
    for name in ("web", "worker", "migrate"):
        assert COMPOSE["services"][name]["environment"].keys() <= known
    declared = set(COMPOSE["volumes"])
    named = {
        volume.split(":")[0] for service in COMPOSE["services"].values() for volume in service.get("volumes", [])
        if not volume.startswith((".", "$"))
    }
    assert named == declared


def environment(service: str, given: dict[str, str]) -> dict[str, str]:
    """What compose hands to a service where `.env` says this. It knows `${NAME:-default}` and `${NAME:?why}`."""

    def said(match: re.Match[str]) -> str:
        name, otherwise = match.groups()
        return given.get(name) or otherwise or ""

    return {
        name: re.sub(r"\$\{(\w+):(?:-([^}]*)|\?[^}]*)\}", said, value)
        for name, value in COMPOSE["services"][service]["environment"].items()
    }


OWN = {"NEXUS_ENV", "DATABASE_URL", "REDIS_URL", "UPLOAD_DIR", "TRUSTED_PROXIES", "BIND"}
"""What the containers say themselves: it follows from how they stand to each other."""
NOT_IN_PRODUCTION = {"RATE_LIMITS", "OUTBOUND_ALLOW"}


def test_settings_that_are_told_reach_the_board_in_containers() -> None:
    section = DOCS["operating"].split("## Settings")[1].split("\n## ")[0]
    table, server = section.split("gunicorn also reads")
    told = re.findall(r"^\| `([A-Z_]+)`", table, re.M) + re.findall(r"`([A-Z_]+)`", server)
    given = {name: f"what-{name}-says" for name in {*told} - OWN - NOT_IN_PRODUCTION}
    assert {"SITE_NAME", "WEB_CONCURRENCY", "WEB_THREADS"} <= given.keys() <= EXAMPLE.keys()
    assert given.items() <= environment("web", given).items()
    ours = {name: value for name, value in given.items() if name not in SERVER}
    for name in ("worker", "migrate"):
        assert ours.items() <= environment(name, given).items()


def test_what_is_left_empty_is_as_without_containers() -> None:
    web = environment("web", {})
    for name, field in Settings.model_fields.items():
        if name.upper() in web.keys() - OWN - {"SECRET_KEY", "BASE_URL"}:
            assert web[name.upper()] == str(field.default), name
    assert {web[name] for name in SERVER & web.keys()} == {""}  # which gunicorn.conf.py takes for absent


def settings_file() -> dict[str, str]:
    """The EnvironmentFile of docs/deploying.md, read as systemd does: to the end of the line, quotes taken off."""
    block = DOCS["deploying"].split("`/etc/nexus.env`")[1].split("```sh\n")[1].split("```")[0]
    lines = [line.partition("=") for line in block.splitlines() if not line.startswith(("#", ";"))]
    return {name: value.strip().strip('"') for name, _, value in lines}


def test_the_settings_file_copied_as_it_stands_does_not_start_and_filled_in_it_does() -> None:
    file = {name.lower(): value for name, value in settings_file().items()}
    with pytest.raises(UnsafeSettings, match="SECRET_KEY must be 32 characters or more"):
        Settings.model_validate(file).refuse_unsafe()
    given = Settings.model_validate(file | {"secret_key": "0123456789abcdef" * 4})
    given.refuse_unsafe()
    assert (given.mail_from, given.trusted_proxies) == ("Nexus <jobs@jobs.example.org>", 1)


def test_on_debian_the_program_is_touched_as_the_user_who_owns_it() -> None:
    """git refuses a checkout of somebody else's, and what root writes there `nexus` cannot change."""
    for name in ("deploying", "upgrading", "backing-up", "operating"):
        blocks = "".join(re.findall(r"^```sh\n(.*?)^```", DOCS[name], re.M | re.S))
        for line in blocks.splitlines():
            words = line.removeprefix("runuser -u nexus -- ")
            if words.startswith((".venv/bin/", "git pull", "python3 -m venv")):
                assert words != line, f"{name}: {line}"
    upgrade = DOCS["upgrading"]
    assert "runuser -u nexus -- git pull" in upgrade and "runuser -u nexus -- .venv/bin/pip" in upgrade


def test_backups_of_containers_go_where_containers_can_write() -> None:
    lines = re.findall(r"^docker compose .*", DOCS["backing-up"], re.M)
    assert {"backup", "restore"} <= {word for line in lines for word in line.split()}
    for line in lines:
        service = COMPOSE["services"]["web"]
        folders = [volume.split(":")[1] for volume in service["volumes"]]
        inside = re.findall(r"(?:(?<=[ :])|(?<=> ))(/[\w./-]+)", line)
        assert len(inside) == 1 and " web" in line, line
        assert str(Path(inside[0]).parent) in folders, line
        assert not inside[0].startswith(service["environment"]["UPLOAD_DIR"]), line


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
    assert {"tests", ".git", ".env", "instance", "certificates"} <= set((ROOT / ".dockerignore").read_text().split())
