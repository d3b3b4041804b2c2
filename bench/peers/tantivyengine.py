"""tantivy as the reference: the same documents and filters, the count, and each facet without its own filter."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import tantivy

MANY = ("category", "type", "workplace", "experience", "country", "company", "place", "currency")
"""Fields of numbers that are filtered by and counted; some postings have several of one."""
_MUST, _SHOULD, _NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot


class Filed(NamedTuple):
    """A document: its tokens as one text, and numbers for each field."""

    id: int
    tokens: str
    numbers: Mapping[str, Sequence[int]]
    pay: int
    posted: int


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: phrases of tokens, any of each clause; numbers by field; the least pay, the earliest second.

    A phrase of one token that ends with a star is the beginning of a word.
    """

    clauses: list[list[list[str]]]
    excluded: list[list[str]]
    chosen: dict[str, list[int]]
    least_pay: int
    since: int
    steps: list[int]
    ages: list[int]


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", stored=True, fast=True)
    builder.add_text_field("tokens", tokenizer_name="whitespace", index_option="position")
    for name in MANY:
        builder.add_unsigned_field(name, indexed=True, fast=True)
    for name in ("pay", "posted"):
        builder.add_unsigned_field(name, indexed=True, fast=True)
    return builder.build()


def fill(folder: Path, documents: Iterable[Filed]) -> None:
    """Make the index of these documents."""
    half = folder.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    writer = tantivy.Index(_schema(), path=str(half)).writer(heap_size=500_000_000, num_threads=2)
    for filed in documents:
        document = tantivy.Document()
        document.add_unsigned("id", filed.id)
        document.add_text("tokens", filed.tokens)
        for name, numbers in filed.numbers.items():
            for number in numbers:
                document.add_unsigned(name, number)
        document.add_unsigned("pay", filed.pay)
        document.add_unsigned("posted", filed.posted)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    half.rename(folder)


class Engine:
    """A filled index, opened."""

    def __init__(self, folder: Path) -> None:
        index: Any = tantivy.Index.open(str(folder))
        self._schema: Any = index.schema
        self._searcher: Any = index.searcher()

    @property
    def size(self) -> int:
        return int(self._searcher.num_docs)

    def answer(self, request: Request) -> tuple[list[int], int, dict[str, Any]]:
        """The ids of the best twenty, the total, and what each facet's options count."""
        text, filters = self._text(request), self._filters(request)
        whole = self._all([text, *filters.values()])
        found = self._searcher.search(whole, limit=20, count=True)
        facets = self._counted(whole, request, [name for name in _facets(request) if name not in filters])
        for name in filters:
            others = [query for other, query in filters.items() if other != name]
            facets |= self._counted(self._all([text, *others]), request, [name])
        ids = self._searcher.fast_field_values("id", [address for _, address in found.hits])
        return list(ids), int(found.count), facets

    def _counted(self, query: Any, request: Request, names: list[str]) -> dict[str, Any]:
        wanted = _facets(request)
        return dict(self._searcher.aggregate(query, {name: wanted[name] for name in names})) if names else {}

    def _all(self, queries: list[Any]) -> Any:
        kept = [query for query in queries if query is not None]
        if not kept:
            return tantivy.Query.all_query()
        return kept[0] if len(kept) == 1 else tantivy.Query.boolean_query([(_MUST, query) for query in kept])

    def _text(self, request: Request) -> Any:
        parts = [(_MUST, self._any(clause)) for clause in request.clauses]
        if request.excluded and not parts:
            parts.append((_MUST, tantivy.Query.all_query()))
        parts += [(_NOT, self._phrase(phrase)) for phrase in request.excluded]
        return tantivy.Query.boolean_query(parts) if parts else None

    def _any(self, phrases: list[list[str]]) -> Any:
        found = [self._phrase(phrase) for phrase in phrases]
        return found[0] if len(found) == 1 else tantivy.Query.boolean_query([(_SHOULD, query) for query in found])

    def _phrase(self, tokens: list[str]) -> Any:
        if len(tokens) > 1:
            return tantivy.Query.phrase_query(self._schema, "tokens", list(tokens))
        if tokens[0].endswith("*"):
            return tantivy.Query.regex_query(self._schema, "tokens", tokens[0][:-1] + ".*")
        return tantivy.Query.term_query(self._schema, "tokens", tokens[0], "freq")

    def _filters(self, request: Request) -> dict[str, Any]:
        made = {
            name: tantivy.Query.term_set_query(self._schema, name, numbers)
            for name, numbers in request.chosen.items()
            if name != "currency"
        }
        if request.least_pay:
            paid = [self._range("pay", request.least_pay)]
            paid += [tantivy.Query.term_set_query(self._schema, "currency", request.chosen["currency"])]
            made["pay"] = self._all(paid)
        if request.since:
            made["age"] = self._range("posted", request.since)
        return made

    def _range(self, name: str, least: int) -> Any:
        return tantivy.Query.range_query(self._schema, name, tantivy.FieldType.Unsigned, lower_bound=least)


def _between(steps: Sequence[int]) -> list[dict[str, int]]:
    """The ranges from each step to the next, the last without an end; who adds them up has "at least" of each."""
    rising = sorted(steps)
    closed = [{"from": least, "to": next_} for least, next_ in pairwise(rising)]
    return [*closed, {"from": rising[-1]}]


def _facets(request: Request) -> dict[str, Any]:
    """What to count, by the name of the filter it is counted without."""
    terms = {name: {"terms": {"field": name, "size": 100 if name in MANY[:4] else 11}} for name in MANY[:-1]}
    pay, age = _between(request.steps), _between(request.ages)
    paid = {"terms": {"field": "currency", "size": 10}, "aggs": {"pay": {"range": {"field": "pay", "ranges": pay}}}}
    return terms | {"pay": paid, "age": {"range": {"field": "posted", "ranges": age}}}
