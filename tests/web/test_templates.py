"""Templates keep to what the look, the policy of the page and the doors allow."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import Environment, meta

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "app" / "templates"
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if path.parent.name != "email")
SHARED = {"ui", "layout"}


def name(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


def without_logic(source: str) -> str:
    """The markup alone; what an expression prints into a class is left out with the word around it."""
    return re.sub(r"[\w-]*\{\{.*?\}\}[\w-]*|\{%.*?%\}|\{#.*?#\}", " ", source, flags=re.DOTALL)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_class_is_in_the_stylesheet(path: Path) -> None:
    known = set(re.findall(r"\.([a-z][\w-]*)", (ROOT / "app/static/css/nexus.css").read_text()))
    used = {word for value in re.findall(r'class="([^"]*)"', without_logic(path.read_text())) for word in value.split()}
    assert used - known == set()


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_icon_is_in_the_sprite(path: Path) -> None:
    drawn = set(re.findall(r'id="([\w-]+)"', (ROOT / "app/static/img/icons.svg").read_text()))
    used = set(re.findall(r'\bicon(?:_name=|\()"([\w-]+)"', path.read_text()))
    assert used - drawn == set()


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_nothing_the_content_policy_forbids(path: Path) -> None:
    source = path.read_text()
    assert not re.search(r'\sstyle="|\son[a-z]+="|hx-on|javascript:|\bjs:|<style', source)
    assert all('src="' in tag for tag in re.findall(r"<script\b[^>]*>", source) if "ld+json" not in tag)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_template_uses_only_its_own_door_and_what_is_shared(path: Path) -> None:
    referenced = meta.find_referenced_templates(Environment(autoescape=True).parse(path.read_text()))
    own = path.relative_to(TEMPLATES).parts[0]
    doors = {reference.split("/")[0] for reference in referenced if reference}
    assert doors <= SHARED | {own}


def test_no_attribute_of_an_older_htmx() -> None:
    checker = ROOT / "node_modules/htmx.org/dist/scripts/upgrade-check.py"
    if not checker.is_file():
        pytest.skip("the browser libraries are not installed")
    run = subprocess.run([sys.executable, checker, TEMPLATES], capture_output=True, text=True, check=False)
    assert run.stdout == "" and "Found 0 issue(s)" in run.stderr, run.stdout


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_markup_is_printed_by_one_way_only(path: Path) -> None:
    assert not re.search(r"\|\s*safe\b", path.read_text())
