"""Static files under names that change with them, and how production serves them."""

import re
from pathlib import Path

import pytest

from app import create_app
from app.core.settings import Settings
from app.web import assets
from scripts import hashed

SHEET = b'@font-face { src: url("../vendor/inter.woff2") } a { b: url("data:x"), url("../gone.svg") }'
ICON = b"<svg xmlns='http://www.w3.org/2000/svg'/>"


@pytest.fixture
def static(tmp_path: Path) -> Path:
    for path, content in {
        "css/nexus.css": SHEET * 9,
        "vendor/inter.woff2": b"letters", "vendor/manifest.json": b'{"files": {}}',
        "img/icon.svg": ICON, "js/nexus.js": b"go()",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    return tmp_path


def test_names_follow_the_content_and_sheets_follow_the_names(static: Path) -> None:
    first = hashed.build(static)
    assert set(first) == {"css/nexus.css", "vendor/inter.woff2", "img/icon.svg", "js/nexus.js"}
    sheet = (static / "dist" / first["css/nexus.css"]).read_text()
    assert f'url("../{first["vendor/inter.woff2"]}")' in sheet
    assert 'url("data:x"), url("../gone.svg")' in sheet
    assert hashed.build(static) == first == assets.built(static)
    (static / "vendor" / "inter.woff2").write_bytes(b"other letters")
    assert assets.changed(static) == ["vendor/inter.woff2"]
    second = hashed.build(static)
    assert assets.changed(static) == []
    assert {name for name in first if first[name] != second[name]} == {"vendor/inter.woff2", "css/nexus.css"}
    assert (static / "dist" / first["css/nexus.css"]).exists(), "open pages still ask for it"


def test_what_was_not_built_is_nothing(tmp_path: Path) -> None:
    assert assets.built(tmp_path) == {}
    assert assets.changed(tmp_path) == []


@pytest.fixture
def production(tmp_path: Path) -> Settings:
    return Settings(
        nexus_env="production", database_url=f"sqlite:///{tmp_path / 'production.db'}", secret_key="k" * 40,
        base_url="https://jobs.example.org", upload_dir=tmp_path / "uploads", redis_url="", metrics_token="",
    )


def served(settings: Settings, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    client = create_app(settings).test_client()
    answer = client.get(path, base_url=settings.base_url, headers=headers)
    return answer.status_code, dict(answer.headers), answer.data


def test_production_names_and_keeps_the_built_files(
    production: Settings, static: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "STATIC", static)
    names = hashed.build(static)
    _, _, page = served(production, "/nothing-here")
    assert f'href="/static/dist/{names["css/nexus.css"]}"' in page.decode()
    assert not re.search(r'(?:src|href)="/static/(?:css|js)/nexus', page.decode())
    status, headers, body = served(production, f"/static/dist/{names['img/icon.svg']}")
    assert (status, body) == (200, ICON)
    assert "immutable" in headers["Cache-Control"] and "public" in headers["Cache-Control"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in headers
    _, packed, _ = served(production, f"/static/dist/{names['css/nexus.css']}", **{"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"


def test_production_without_the_build_serves_the_files_and_says_so(
    production: Settings, static: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(assets, "STATIC", static)
    _, _, page = served(production, "/nothing-here")
    assert re.search(r'href="/static/css/nexus.css\?v=[0-9a-f]{12}"', page.decode())
    assert "assets not built" in capsys.readouterr().out
