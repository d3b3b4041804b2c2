"""A file as bytes and as a tree, and edits of it."""

import ast
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes from `start` to `end` of a file, `before`, become `text`."""

    file: str
    start: int
    end: int
    before: str
    text: str


class Source:
    """One Python file of the tree at `root`."""

    def __init__(self, root: Path, path: Path) -> None:
        self.name = path.relative_to(root).as_posix()
        self.content = path.read_bytes()
        self.tree = ast.parse(self.content)
        self._begins = [0]
        for line in self.content.splitlines(keepends=True):
            self._begins.append(self._begins[-1] + len(line))

    def _span(self, node: ast.AST) -> tuple[int, int]:
        start = self._begins[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        return start, self._begins[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]

    def text(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self.content[start:end].decode()

    def edit(self, node: ast.AST, text: str) -> Edit:
        """`node` replaced by `text`, in brackets where it is an expression that could bind otherwise."""
        start, end = self._span(node)
        return Edit(self.name, start, end, self.content[start:end].decode(), text)


def apply(root: Path, edits: tuple[Edit, ...]) -> None:
    """Make these edits in the tree at `root`, the last of each file first."""
    for edit in sorted(edits, key=lambda each: (each.file, -each.start)):
        path = root / edit.file
        content = path.read_bytes()
        if content[edit.start : edit.end].decode() != edit.before:
            raise ValueError(f"{edit.file} changed while it was being mutated")
        path.write_bytes(content[: edit.start] + edit.text.encode() + content[edit.end :])
