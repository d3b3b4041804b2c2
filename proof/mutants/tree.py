"""Scratch copies of the tree, so that a mutant never stands in the real one."""

import hashlib
import shutil
import subprocess
from pathlib import Path

from proof.mutants.source import Edit, apply

LINKED = ("app/static/vendor", "node_modules", ".venv")


def files(root: Path) -> list[str]:
    """Every file of the project, committed or not, without what git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=root, check=True, capture_output=True, text=True
    )
    return sorted(name for name in set(listed.stdout.splitlines()) if (root / name).is_file())


def digest(root: Path, names: list[str]) -> str:
    """One hash of the application and its tests."""
    held = hashlib.sha256()
    for name in names:
        if name.startswith(("app/", "tests/", "migrations/")) or name in ("config.py", "requirements-dev.txt"):
            held.update(f"{name}\n".encode() + (root / name).read_bytes())
    return held.hexdigest()[:16]


class Tree:
    """A copy of the project in which one mutant at a time is made and undone."""

    def __init__(self, root: Path, folder: Path, names: list[str]) -> None:
        self.root, self.folder = root, folder
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, folder / name)
        for name in LINKED:
            if (root / name).exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).symlink_to((root / name).resolve())

    def mutate(self, edits: tuple[Edit, ...]) -> None:
        apply(self.folder, edits)

    def restore(self, edits: tuple[Edit, ...]) -> None:
        """The files as they were, their times too, so that what was compiled of them stays good."""
        for name in {edit.file for edit in edits}:
            shutil.copy2(self.root / name, self.folder / name)
