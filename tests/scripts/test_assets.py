"""The browser libraries: pinned, hashed, and built once for each lock."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts import assets


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    folder = tmp_path / "node_modules"
    for source in assets.FILES.values():
        (folder / source).parent.mkdir(parents=True, exist_ok=True)
        (folder / source).write_text(source)
    return folder


@pytest.fixture
def vendor(tmp_path: Path, modules: Path) -> Path:
    folder = tmp_path / "vendor"
    assets.copy(modules, folder)
    return folder


def test_a_built_folder_is_current_until_something_changes(vendor: Path) -> None:
    assert assets.is_current(vendor)
    (vendor / "htmx.js").write_text("tampered")
    assert not assets.is_current(vendor)


def test_a_changed_lock_is_noticed(vendor: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = tmp_path / "package-lock.json"
    changed.write_text("{}")
    monkeypatch.setattr(assets, "LOCK", changed)
    assert not assets.is_current(vendor)


def test_an_empty_folder_is_not_current(tmp_path: Path) -> None:
    assert not assets.is_current(tmp_path)


def test_a_missing_file_is_named(modules: Path, tmp_path: Path) -> None:
    (modules / assets.FILES["htmx.js"]).unlink()
    with pytest.raises(assets.AssetsError, match=r"htmx\.min\.js"):
        assets.copy(modules, tmp_path / "vendor")


def test_fonts_within_a_stylesheet_are_left_out(modules: Path, tmp_path: Path) -> None:
    (modules / assets.FILES["graphiql.css"]).write_text("a{b:c}@font-face{src:url(data:font/woff2;base64,aa=)}d{e:f}")
    assets.copy(modules, tmp_path / "vendor")
    assert (tmp_path / "vendor" / "graphiql.css").read_text() == "a{b:c}d{e:f}"


def test_an_up_to_date_folder_starts_nothing(
    vendor: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(command: list[str], step: str) -> None:
        raise AssertionError(command)

    monkeypatch.setattr(assets, "is_current", lambda: True)
    monkeypatch.setattr(assets, "run", refuse)
    assert assets.main() == 0
    assert "up to date" in capsys.readouterr().out


def test_a_failure_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(command: list[str], step: str) -> None:
        raise assets.AssetsError(f"{step} failed")

    monkeypatch.setattr(assets, "is_current", lambda: False)
    monkeypatch.setattr(assets, "run", fail)
    assert assets.main() == 1
    assert "What to do" in capsys.readouterr().err


def test_the_lock_is_exact_hashed_and_names_no_host() -> None:
    declared = json.loads((assets.ROOT / "package.json").read_text())
    lock = json.loads(assets.LOCK.read_text())
    wanted = {**declared["dependencies"], **declared["devDependencies"]}
    locked = {name: entry for name, entry in lock["packages"].items() if name}
    told = {name.removeprefix("node_modules/"): entry["version"] for name, entry in locked.items()}
    assert wanted.items() <= told.items()
    others = {name.rsplit("node_modules/")[-1] for name in told.keys() - wanted.keys()}
    needed = [entry.get(kind, {}) for entry in locked.values() for kind in ("dependencies", "peerDependencies")]
    assert others <= {name for one in needed for name in one}
    assert all(entry["integrity"].startswith("sha512-") for entry in locked.values())
    assert not any("resolved" in entry for entry in locked.values())
