"""Uniqueness guards of the schema: taken from the model and from the migration that made it, together."""

import ast
from collections.abc import Iterator
from pathlib import Path

from proof.mutants.source import Edit, Source

Guard = tuple[str, int, str, str, tuple[Edit, ...]]
"""File, line, name of the guard, words, edits."""


def unique(root: Path, sources: list[Source]) -> list[Guard]:
    """Every unique index or column of the models. Raises LookupError where no migration makes it."""
    migrations = [Source(root, path) for path in sorted((root / "migrations" / "versions").glob("*.py"))]
    found = []
    for source in sources:
        for name, columns, made in _in_models(source):
            whole = isinstance(made, ast.Call)
            node = made if isinstance(made, ast.Call) else made.value
            instead = '__import__("sqlalchemy").CheckConstraint("1 = 1", "removed")' if whole else "False"
            edits = [source.edit(node, instead)]
            for migration in migrations:
                edits += _in_migration(migration, name, columns)
            if len(edits) == 1:
                raise LookupError(f"no migration makes {name}")
            found.append((source.name, node.lineno, name, f"{name} is not unique", tuple(edits)))
    return found


def _true(call: ast.Call, word: str) -> ast.keyword | None:
    for keyword in call.keywords:
        if keyword.arg == word and isinstance(keyword.value, ast.Constant) and keyword.value.value is True:
            return keyword
    return None


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _texts(nodes: list[ast.expr]) -> list[str]:
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def _in_models(source: Source) -> Iterator[tuple[str, tuple[str, ...], ast.keyword | ast.Call]]:
    """(name by the naming convention, columns, the `unique=True` or the whole constraint) of each."""
    for kind in ast.walk(source.tree):
        if not isinstance(kind, ast.ClassDef):
            continue
        table = next((_texts([each.value])[0] for each in kind.body if _sets(each, "__tablename__")), "")
        for node in ast.walk(kind):
            if not isinstance(node, ast.Call) or not table:
                continue
            if _called(node) == "UniqueConstraint":
                columns = tuple(_texts(node.args))
                yield f"uq_{table}_{'_'.join(columns)}", columns, node
                continue
            keyword = _true(node, "unique")
            if keyword is None:
                continue
            if _called(node) == "Index":
                words = _texts(node.args)
                named = not isinstance(node.args[0], ast.Constant) or node.args[0].value is not None
                columns = words[1:] if named else words
                yield (words[0] if named else f"ix_{table}_{'_'.join(columns)}"), tuple(columns), keyword
            else:
                column = _column(kind, node)
                yield f"uq_{table}_{column}", (column,), keyword


def _sets(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name


def _column(kind: ast.ClassDef, call: ast.Call) -> str:
    for each in kind.body:
        if not (isinstance(each, ast.AnnAssign) and each.value is not None and isinstance(each.target, ast.Name)):
            continue
        if any(node is call for node in ast.walk(each.value)):
            return each.target.id
    raise LookupError(f"a unique column outside a column of {kind.name}")


def _name(node: ast.expr) -> str:
    """`"uq_x"` or `op.f("uq_x")`."""
    if isinstance(node, ast.Call) and node.args:
        return _name(node.args[0])
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _in_migration(source: Source, name: str, columns: tuple[str, ...]) -> Iterator[Edit]:
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        if _called(node) in ("create_index", "Index") and node.args and _name(node.args[0]) == name:
            keyword = _true(node, "unique")
            if keyword is not None:
                yield source.edit(keyword.value, "False")
        elif _called(node) == "UniqueConstraint" and name in [
            _name(each.value) for each in node.keywords if each.arg == "name"
        ]:
            yield source.edit(node, f'sa.CheckConstraint("1 = 1", name="{name}")')
        elif _called(node) == "create_unique_constraint" and node.args and _name(node.args[0]) == name:
            yield source.edit(node, "None")
