"""How much one question may ask: told before anything is looked up, in time that grows with its text alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    value_from_ast_untyped,
)
from strawberry.extensions import SchemaExtension

DEPTH = 8
ALIASES = 15
TOKENS = 1_000
COST = 5_000
"""A field costs 1; in a page it costs that for each row the page may hold."""
PAGE = 20
MOST = 100
"""Rows of a page: where `first` is left out, and at the most."""
_PAGED = {"postings", "companies", "applications", "saved"}
"""Fields that give a page; what they hold is asked once for each row, but for what is said once a page."""
_ONCE = {"totalCount", "pageInfo", "facets"}


@dataclass(frozen=True, slots=True)
class Size:
    """What a selection asks: how deep it goes, how many names it gives, what it costs."""

    depth: int = 0
    aliases: int = 0
    cost: int = 0


class Limits(SchemaExtension):
    """Refuses what asks too much."""

    def on_operation(self) -> Iterator[None]:
        asked = self.execution_context
        asked.parse_options["max_tokens"] = TOKENS
        variables = asked.variables or {}

        class _Sized(ASTValidationRule):
            def enter_document(self, node: DocumentNode, *_: Any) -> None:
                questions = [one for one in node.definitions if isinstance(one, OperationDefinitionNode)]
                if len(questions) > 1 and not asked.context.named:
                    self.report_error(GraphQLError("Name the one of these questions that is meant."))

            def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
                usual = {
                    one.variable.name.value: value_from_ast_untyped(one.default_value)
                    for one in node.variable_definitions or () if one.default_value
                }
                size = Measure(self.context.document, usual | variables).of(node.selection_set)
                for sentence in too_much(size):
                    self.report_error(GraphQLError(sentence, node, extensions={"code": "QUERY_TOO_COMPLEX"}))

        asked.validation_rules = (*asked.validation_rules, _Sized)
        yield


def too_much(size: Size) -> list[str]:
    """A sentence for each limit that is passed."""
    told = []
    if size.depth > DEPTH:
        told.append(f"This asks {size.depth} levels deep; {DEPTH} is the most.")
    if size.aliases > ALIASES:
        told.append(f"This gives {size.aliases} fields names of its own; {ALIASES} is the most.")
    if size.cost > COST:
        told.append(f"This may ask for {size.cost:,} values; {COST:,} is the most. Ask for fewer at a time.")
    return told


class Measure:
    """Measures selections; each fragment once, however often it is spread."""

    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        fragments = [one for one in document.definitions if isinstance(one, FragmentDefinitionNode)]
        self._fragments, self._variables = {one.name.value: one for one in fragments}, variables
        self._known: dict[str, Size] = {}

    def of(self, selection: SelectionSetNode | None) -> Size:
        """The size of what stands between two braces. Introspection is bounded elsewhere and counts nothing."""
        depth = aliases = cost = 0
        for node in selection.selections if selection else ():
            size = self._of_node(node)
            depth, aliases, cost = max(depth, size.depth), aliases + size.aliases, cost + size.cost
        return Size(depth, aliases, cost)

    def _of_node(self, node: Any) -> Size:
        if isinstance(node, FragmentSpreadNode):
            return self._spread(node.name.value)
        if not isinstance(node, FieldNode):
            return self.of(node.selection_set)
        name, named = node.name.value, int(node.alias is not None)
        if name.startswith("__"):
            return Size(1, named, 1)
        inside = self.of(node.selection_set)
        rows = self._rows(node) if name in _PAGED else 1
        once = self._once(node) if rows > 1 else 0
        return Size(1 + inside.depth, named + inside.aliases, 1 + once + rows * (inside.cost - once))

    def _spread(self, name: str) -> Size:
        if name not in self._known:
            self._known[name] = Size()  # a fragment within itself is refused by another rule
            found = self._fragments.get(name)
            self._known[name] = self.of(found.selection_set) if found else Size()
        return self._known[name]

    def _once(self, page: FieldNode) -> int:
        told = page.selection_set.selections if page.selection_set else ()
        said = [one for one in told if isinstance(one, FieldNode) and one.name.value in _ONCE]
        return sum(self._of_node(one).cost for one in said)

    def _rows(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value == "first":
                return self._number(argument.value)
        return PAGE

    def _number(self, value: ValueNode) -> int:
        if isinstance(value, VariableNode):
            given = self._variables.get(value.name.value, MOST)
        else:
            given = int(value.value) if isinstance(value, IntValueNode) else MOST
        return min(max(given, 1), MOST) if isinstance(given, int) else MOST
