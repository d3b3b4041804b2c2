"""What is known of each mutant from earlier runs, as long as it still holds."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """One verdict: `by` is the test that failed, empty for a survivor."""

    key: str
    by: str
    held: str
    """Hash of what the verdict rests on."""
    seconds: float


class Journal:
    """A file of verdicts, one a line, the last of a mutant counts."""

    def __init__(self, root: Path, path: Path, digest: str) -> None:
        self.root, self.path, self.digest = root, path, digest
        self._entries: dict[str, Entry] = {}
        if path.exists():
            for line in path.read_text().splitlines():
                entry = Entry(**json.loads(line))
                self._entries[entry.key] = entry

    def holds(self, key: str, file: str) -> Entry | None:
        """The verdict on this mutant, if nothing changed on which it rests.

        A killed one stays killed while its file and the test that killed it stay; a survivor only in the same tree.
        """
        entry = self._entries.get(key)
        return entry if entry is not None and entry.held == self._rests(file, entry.by) else None

    def write(self, key: str, file: str, by: str, seconds: float) -> Entry:
        entry = Entry(key, by, self._rests(file, by), round(seconds, 1))
        self._entries[key] = entry
        self.path.parent.mkdir(exist_ok=True)
        with self.path.open("a") as journal:
            journal.write(json.dumps(asdict(entry)) + "\n")
        return entry

    def _rests(self, file: str, by: str) -> str:
        test = self.root / by.partition("::")[0]
        if not by or not test.is_file():
            return self.digest
        return hashlib.sha256((self.root / file).read_bytes() + test.read_bytes()).hexdigest()[:16]
