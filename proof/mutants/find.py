"""Finds every guard of the application by its syntax, so that new code needs no list.

Four kinds: policies (who may), liveness (what is public), versions (nothing stale overwrites), uniqueness (once only).
"""

import ast
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from proof.mutants import schema
from proof.mutants.source import Edit, Source

TRUE = '__import__("sqlalchemy").true()'
"""A condition that holds for every row."""
REFUSALS = {
    "NotFound": "policy", "Forbidden": "policy", "SignInRequired": "policy", "Gone": "liveness", "Conflict": "version",
}
SCOPES = frozenset({
    "user_id", "company_id", "actor_id", "owner_id", "invited_by_id", "posting_id", "application_id", "ended_at",
    "suspended_at", "revoked_at", "expires_at", "used_at", "consumed_at", "accepted_at", "erased_at", "deleted_at",
    "closed_at", "token_hash", "public_id",
})
"""Columns by which a query keeps to somebody's own, or to what still holds."""
_LOOKS = frozenset({"scalar", "scalars", "get", "execute", "first", "one_or_none"})
_CONVERTER = re.compile(r"<(?:[^<>]*:)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One guard taken away. `edits` are made together; `lines` are those whose tests may notice."""

    kind: str
    file: str
    line: int
    where: str
    what: str
    edits: tuple[Edit, ...] = field(repr=False)
    lines: tuple[int, ...] = ()
    route: str = ""
    """`GET /jobs`, where the guard is a route's declaration."""

    @property
    def key(self) -> str:
        """The same from run to run while the guard's own text stays."""
        said = "\n".join([self.kind, self.where, self.what, *(f"{e.file} {e.before} {e.text}" for e in self.edits)])
        return hashlib.sha256(f"{self.file}\n{said}".encode()).hexdigest()[:16]


def find(root: Path) -> list[Mutant]:
    """Every mutant of the tree at `root`, in the order of its files."""
    sources = [Source(root, path) for path in sorted((root / "app").rglob("*.py")) if "demo" not in path.parts]
    guards = {name for source in sources for name in _guard_functions(source.tree)}
    found = [mutant for source in sources for mutant in _Finder(source, guards).run()]
    found += [Mutant("uniqueness", *guard) for guard in schema.unique(root, sources)]
    return _numbered(found)


def _numbered(found: list[Mutant]) -> list[Mutant]:
    """The same text twice in one function gets a number, so that every key is one mutant's."""
    seen: dict[str, int] = {}
    out = []
    for mutant in found:
        seen[mutant.key] = number = seen.get(mutant.key, 0) + 1
        if number > 1:
            mutant = Mutant(
                mutant.kind, mutant.file, mutant.line, mutant.where, f"{mutant.what} ({number})", mutant.edits,
                mutant.lines, mutant.route,
            )
        out.append(mutant)
    return out


def _guard_functions(tree: ast.Module) -> Iterator[str]:
    """Names of functions that answer nothing and may refuse: calling them is a guard."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.FunctionDef) and isinstance(node.returns, ast.Constant)):
            continue
        if node.returns.value is None and any(map(_refusal, ast.walk(node))):
            yield node.name


def _refusal(node: ast.AST | None) -> str:
    """The error's name, where a statement refuses."""
    if not isinstance(node, ast.Raise) or node.exc is None:
        return ""
    called = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
    return name if name in REFUSALS else ""


def _named(node: ast.AST) -> str:
    """What a call calls."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _is_column(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id[:1].isupper()


def _joins(node: ast.AST) -> bool:
    """Whether a condition only ties two tables together."""
    return isinstance(node, ast.Compare) and _is_column(node.left) and all(map(_is_column, node.comparators))


def _scopes(node: ast.AST) -> bool:
    if _joins(node) or any(isinstance(inner, ast.Starred) for inner in ast.walk(node)):
        return False
    return any(_is_column(inner) and getattr(inner, "attr", "") in SCOPES for inner in ast.walk(node))


class _Finder(ast.NodeVisitor):
    def __init__(self, source: Source, guards: set[str]) -> None:
        self.source, self.guards = source, guards
        self.path: list[str] = []
        self.functions: list[ast.FunctionDef] = []
        self.found: list[Mutant] = []
        self.is_policies = "policies" in source.name
        self.writes = "/services" in source.name

    def run(self) -> list[Mutant]:
        self.visit(self.source.tree)
        return self.found

    def take(self, kind: str, node: ast.AST, text: str, *, route: str = "", lines: tuple[int, ...] = ()) -> None:
        """One mutant: `node` replaced by `text`."""
        edit = self.source.edit(node, text)
        shown = " ".join(edit.before.split())
        short = shown if len(shown) <= 90 else shown[:87] + "…"
        line = getattr(node, "lineno", 0)
        end = getattr(node, "end_lineno", line)
        self.found.append(
            Mutant(
                kind, self.source.name, line, ".".join(self.path), f"{short} → {text if len(text) < 40 else 'gone'}",
                (edit,), lines or tuple(range(line, end + 1)), route,
            )
        )

    # ── where we are ─────────────────────────────────────────────────────────────────────────────────────────

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.path.append(node.name)
        self.generic_visit(node)
        self.path.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.path.append(node.name)
        self.functions.append(node)
        for decorator in node.decorator_list:
            self._declared(node, decorator)
        for inner in node.body:
            self.visit(inner)
        self.functions.pop()
        self.path.pop()

    # ── policies ─────────────────────────────────────────────────────────────────────────────────────────────

    def _declared(self, view: ast.FunctionDef, decorator: ast.expr) -> None:
        """`@allow(X)`, `@field(X)`: everybody instead, and where a right was asked, anybody signed in."""
        if _named(decorator) not in ("allow", "field") or not isinstance(decorator, ast.Call) or not decorator.args:
            return
        argument = decorator.args[0]
        said = self.source.text(argument)
        others = {"PUBLIC": ['"signed-in"'], "SIGNED_IN": ['"public"']}.get(said, ['"public"', '"signed-in"'])
        body = tuple(range(view.body[0].lineno, (view.end_lineno or view.lineno) + 1))
        for text in others:
            self.take("policy", argument, text, route=_route(view), lines=body)

    def visit_Assign(self, node: ast.Assign) -> None:
        self._grants(node, node.targets[0], node.value)
        self._versioned(node)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._grants(node, node.target, node.value)
        self.generic_visit(node)

    def _grants(self, node: ast.stmt, target: ast.expr, value: ast.expr) -> None:
        """Each role loses each right it has, and gets each it has not."""
        if not (isinstance(target, ast.Name) and target.id == "GRANTS" and isinstance(value, ast.Dict)):
            return
        rights = [
            each.targets[0].id
            for kind in self.source.tree.body if isinstance(kind, ast.ClassDef) and kind.name == "Permission"
            for each in kind.body if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name)
        ]
        for role in value.keys:
            for right in rights:
                if not right.startswith("ADMIN_") and role is not None:
                    name = self.source.text(role)
                    more = f"{self.source.text(node)}\nGRANTS[{name}] = GRANTS[{name}] ^ {{Permission.{right}}}"
                    self.take("policy", node, more)
                    last = self.found.pop()
                    self.found.append(
                        Mutant(last.kind, last.file, last.line, "GRANTS", f"{name} ± {right}", last.edits, last.lines)
                    )

    def visit_Return(self, node: ast.Return) -> None:
        if self.is_policies and node.value is not None and self._answers_bool():
            self.take("policy", node.value, "True")
            self._operands("policy", node.value, ast.And, "True")
            self._operands("policy", node.value, ast.Or, "False")
        self.generic_visit(node)

    def _answers_bool(self) -> bool:
        returns = self.functions[-1].returns if self.functions else None
        return isinstance(returns, ast.Name) and returns.id == "bool"

    # ── refusals ─────────────────────────────────────────────────────────────────────────────────────────────

    def visit_If(self, node: ast.If) -> None:
        error = _refusal(node.body[-1])
        if error:
            kind = REFUSALS[error]
            if error == "Conflict" and "version" not in self.source.text(node.test):
                kind = "uniqueness"
            if not self._operands(kind, node.test, ast.Or, "False"):
                self.take(kind, node.test, "False")
        elif self.writes and self._known_before(node):
            self.take("uniqueness", node.test, "False")
        self.generic_visit(node)

    def _operands(self, kind: str, test: ast.expr, join: type[ast.boolop], text: str) -> bool:
        """Each operand that alone can refuse (or, in a policy, alone must agree); False where there is one only."""
        if not isinstance(test, ast.BoolOp) or not isinstance(test.op, join):
            return False
        for operand in test.values:
            self.take(kind, operand, text)
        return True

    def _known_before(self, node: ast.If) -> bool:
        """`known = session.scalar(…); if known is not None: return known`: done before, so not again."""
        test = node.test
        if not (
            isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and isinstance(test.ops[0], ast.IsNot)
            and isinstance(node.body[-1], ast.Return)
        ):
            return False
        return any(
            isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name)
            and each.targets[0].id == test.left.id
            and (_named(each.value) in _LOOKS or "known" in test.left.id)
            for each in ast.walk(self.functions[-1])
        ) if self.functions else False

    def visit_Expr(self, node: ast.Expr) -> None:
        name = _named(node.value)
        if name in self.guards:
            kind = "version" if "version" in name or "stale" in name else "policy"
            self.take(kind, node, "None")
        self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        caught = self.source.text(node.type) if node.type else ""
        if "IntegrityError" in caught and self.source.name.startswith("app/domain"):
            self.take("uniqueness", node.body[0], "raise")
        self.generic_visit(node)

    # ── conditions of queries ────────────────────────────────────────────────────────────────────────────────

    def visit_Call(self, node: ast.Call) -> None:
        name = _named(node)
        if name == "live":
            self.take("liveness", node, TRUE)
        elif name == "is_live":
            self.take("liveness", node, "True")
        elif name in ("where", "filter", "and_"):
            whole = bool(self.path) and self.path[-1] == "live"
            for argument in node.args:
                if _named(argument) != "live" and (whole or _scopes(argument)):
                    self.take("liveness" if whole else "policy", argument, TRUE)
        elif name.startswith("on_conflict_do") and isinstance(node.func, ast.Attribute):
            self.take("uniqueness", node, self.source.text(node.func.value))
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.BitAnd):
            for side in (node.left, node.right):
                if _scopes(side):
                    self.take("policy", side, TRUE)
        self.generic_visit(node)

    # ── versions ─────────────────────────────────────────────────────────────────────────────────────────────

    def _versioned(self, node: ast.Assign) -> None:
        target = node.targets[0]
        if isinstance(target, ast.Name) and target.id == "__mapper_args__" and "version_id_col" in self.source.text(
            node.value
        ):
            self.take("version", node.value, "{}")


def _route(view: ast.FunctionDef) -> str:
    """The route a view declares, as the access matrix writes it; empty where it is not plain text."""
    for decorator in view.decorator_list:
        name = _named(decorator)
        if name in ("get", "post") and isinstance(decorator, ast.Call):
            rule = decorator.args[0]
            if isinstance(rule, ast.Constant) and isinstance(rule.value, str):
                return f"{name.upper()} {_CONVERTER.sub(lambda found: f'<{found[1]}>', rule.value)}"
    return ""
