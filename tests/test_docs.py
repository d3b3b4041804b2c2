"""What README and docs say is so."""

import configparser
import re
import subprocess
from pathlib import Path

import click
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.settings import Settings
from app.demo import PASSWORD, SIGN_INS
from app.domain.imports.readers import FORMATS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
LINK = re.compile(r"\]\(([^)\s]+)\)")
HERE = "http://127.0.0.1:5000"


def found(pattern: str) -> list[str]:
    return sorted({match for text in TEXT.values() for match in re.findall(pattern, text)})


def test_files_that_are_linked_are_there() -> None:
    missing = [
        f"{name}: {target}"
        for name, text in TEXT.items()
        for target in LINK.findall(text)
        if "://" not in target and not (ROOT / name).parent.joinpath(target.split("#")[0]).exists()
    ]
    assert not missing


def test_addresses_of_the_board_answer(client: FlaskClient) -> None:
    addresses = found(re.escape(HERE) + r"(/[\w/?&=.-]*)") + found(r"`(?:GET )?(/[a-z][\w/-]*)`")
    addresses = [address for address in addresses if not address.startswith("/data")]  # a folder of the container
    assert len(addresses) >= 8
    for address in {*addresses} - {"/metrics"}:  # which wants a token; see tests/web/test_health.py
        if address.startswith(("/api/v1", "/graphql")):
            continue  # asked as the examples ask it, in test_api_examples.py
        assert client.get(address).status_code < 400, address


@pytest.mark.parametrize("target", found(r"\bmake ([a-z]+)\b(?= *(?:[`#A-Z]|$))"))
def test_make_knows_what_the_docs_ask_of_it(target: str) -> None:
    assert target in re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M)
    subprocess.run(["make", "-n", target], cwd=ROOT, check=True, capture_output=True)


def test_flask_knows_the_commands_and_options_of_the_docs(app: Flask) -> None:
    lines = found(r"flask --app wsgi ([^`\n]+)")
    assert len(lines) >= 4
    for line in lines:
        words = line.split()
        command: click.Command | None = app.cli.get_command(click.Context(app.cli), words.pop(0))
        if isinstance(command, click.Group):
            command = command.get_command(click.Context(command), words.pop(0))
        assert command is not None, line
        known = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= known, line


def test_options_named_alone_are_those_of_import(app: Flask) -> None:
    section = TEXT["docs/operating.md"].split("## Importing postings")[1].split("\n## ")[0]
    known = {name for parameter in app.cli.commands["import"].params for name in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", section)) - {"--app"} <= known


def test_the_table_of_formats_is_what_can_be_imported() -> None:
    section = TEXT["docs/imports.md"].split("## Formats")[1].split("\n## ")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", section, re.M) == [*FORMATS]


def test_the_table_of_settings_is_the_settings() -> None:
    section = TEXT["docs/operating.md"].split("## Settings")[1].split("\n## ")[0]
    told = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \|", section, re.M))
    assert told.keys() == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, str | int) and field.default and name != "secret_key":
            assert told[name.upper()] == f"`{field.default}`", name


def test_variables_for_tests_are_read() -> None:
    section = TEXT["docs/operating.md"].split("## Testing")[1]
    readers = (ROOT / "tests" / "conftest.py").read_text() + (ROOT / "Makefile").read_text()
    for name in set(re.findall(r"`(?:make test )?([A-Z][A-Z_]+)[=`]", section)):
        assert name in readers, name


def test_the_sign_ins_of_the_readme_are_those_of_the_demo() -> None:
    readme = TEXT["README.md"]
    assert re.findall(r"^\| `(\w+@nexus\.example)`", readme, re.M) == [who.email for who in SIGN_INS]
    assert f"`{PASSWORD}`" in readme
    for who in SIGN_INS:
        line = next(line for line in readme.splitlines() if who.email in line)
        assert who.name.split()[0] in line


def test_the_places_that_the_house_names_are_there() -> None:
    rows = re.findall(r"^\| [^|]+ \| `([\w/.]+)`(?:, `(\w+)`)? \|$", TEXT["CONTRIBUTING.md"], re.M)
    assert len(rows) >= 5
    for path, name in rows:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert not name or f"def {name}(" in text, f"{name} in {path}"


def test_the_arrows_are_those_that_are_held() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")

    def layers(contract: str, arrow: str) -> str:
        return arrow.join(
            re.sub(r"[()]", "", line).replace("|", "·").replace(" ·", " ·").strip()
            for line in contracts[f"importlinter:contract:{contract}"]["layers"].strip().splitlines()
        )

    assert layers("houses", " → ") in TEXT["CONTRIBUTING.md"]
    assert layers("rooms", " → ") in TEXT["CONTRIBUTING.md"]


def test_nothing_speaks_of_the_machine_it_was_written_on() -> None:
    for name, text in TEXT.items():
        assert not re.search(r"/(?:root|home|tmp|work)/", text), name
