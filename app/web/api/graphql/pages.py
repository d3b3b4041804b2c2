"""Pages of lists, each row with its cursor; the cursors of a list are the same at every door."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast

from strawberry import ID

from app.core.errors import Invalid
from app.core.paging import seal
from app.domain.alerts.queries import saved_page, searches_of
from app.domain.applications import own, roster
from app.domain.applications.models import Stage
from app.domain.companies.queries import directory
from app.domain.postings.queries import told
from app.domain.search import queries
from app.domain.search.answers import Facets
from app.domain.search.filters import Parsed
from app.web.api.graphql import types
from app.web.api.graphql.limits import MOST
from app.web.api.graphql.loading import Info
from app.web.api.schemas import applications as shapes
from app.web.api.schemas.postings import Option
from app.web.api.schemas.postings import Posting as Document
from app.web.api.schemas.shapes import Named
from app.web.api.telling import applicant_document, own_document
from app.web.context import board, settings
from app.web.documents import posting_document
from app.web.paging import opened

Row = TypeVar("Row")


def of_postings(info: Info, parsed: Parsed, first: int, after: str | None) -> types.PostingConnection:
    """A page of a listing, and of its facets what is asked for: all of one moment."""
    context, filters, asked = info.context, parsed.filters, _asked(info)
    with queries.steady(context.session):
        page = queries.search(
            context.session, filters, context.now, key=settings().key, limit=_size(first), after=after or None
        )
        facets = queries.facets(
            context.session, filters, context.now, currency=filters.currency or board().default_currency
        ) if asked & {"totalCount", "facets"} else None
    known = told(context.session, [card.id for card in page.cards]) if "node" in asked else {}
    edges: list[Any] = [
        types.Edge(
            cursor=queries.cursor(filters, position, settings().key),
            node=_shaped(Document, posting_document(known[card.id], context.links, context.now)) if known else None,
        )
        for card, position in zip(page.cards, page.positions, strict=True)
    ]
    return types.PostingConnection(
        edges=edges, page_info=_info(page.next), total_count=facets.total if facets else 0,
        facets=_facets(facets) if facets else [],
    )


def _asked(info: Info) -> set[str]:
    """The names of what is asked for of a page, and of its edges."""
    return {one.name for field in info.selected_fields for one in _below(field)}


def _below(selection: Any) -> list[Any]:
    """Fields under a selection, those in fragments and under `edges` with them."""
    found = []
    for one in selection.selections:
        found += _below(one) if not hasattr(one, "arguments") or one.name == "edges" else [one]
    return found


def _facets(facets: Facets) -> list[types.Facet]:
    return [
        types.Facet(
            argument=argument,
            options=cast(Any, [Option(value=one.value, label=one.label, count=one.count) for one in facet.options]),
        )
        for argument, facet in facets.by_argument.items()
    ]  # fmt: skip


def of_companies(info: Info, first: int, after: str | None) -> types.Connection[types.Company]:
    """Companies by name."""
    left = opened("companies", after)
    found = directory(info.context.session, left[0] if left else None, _size(first))
    return _page(found, first, "companies", lambda one: [one.slug], lambda one: Named(slug=one.slug, name=one.name))


def of_own_applications(info: Info, first: int, after: str | None) -> types.Connection[types.OwnApplication]:
    """One's own applications, newest first."""
    context, purpose = info.context, "own applications"
    left = opened(purpose, after)
    found = own.own_page(
        context.session, context.actor.user_id or 0, None, left[0] if left else None, _size(first), context.now
    )
    return _page(found, first, purpose, lambda one: [one.id], lambda one: _shaped(shapes.Own, own_document(one)))


def of_saved(info: Info, first: int, after: str | None) -> types.Connection[types.SavedPosting]:
    """What one keeps an eye on, latest first."""
    user_id = info.context.actor.user_id or 0
    purpose = f"saved:{user_id}:saved"
    left = opened(purpose, after)
    place = (datetime.fromisoformat(left[0]), left[1]) if left else None
    found = saved_page(info.context.session, user_id, place, _size(first))
    return _page(
        found, first, purpose, lambda one: [one.saved_at.isoformat(), one.posting_id],
        lambda one: types.SavedPosting(id=ID(str(one.posting_id)), title=one.posting.title, saved_at=one.saved_at),
    )


def of_searches(info: Info) -> list[types.SavedSearch]:
    """The searches one saved, latest first."""
    return [
        types.SavedSearch(
            id=ID(str(one.id)), name=one.name, query=one.query, url=info.context.links.url(f"/jobs?{one.query}"),
            saved_at=one.saved_at,
        )
        for one in searches_of(info.context.session, info.context.actor.user_id or 0)
    ]  # fmt: skip


def of_applicants(
    info: Info, posting_id: int, stage: Stage | None, first: int, after: str | None
) -> types.Connection[types.Applicant]:
    """The applicants of a posting whose company's member asks, newest first."""
    chosen, purpose = roster.ApplicantFilter(stage=stage, sort="newest"), f"applicants {posting_id} {stage}"
    left = opened(purpose, after)
    place = (roster.thawed("newest", left[0]), left[1]) if left else None
    found = roster.page(info.context.session, posting_id, chosen, place, _size(first))
    return _page(
        found, first, purpose, lambda card: [roster.frozen(card.key), card.id],
        lambda card: _shaped(shapes.Applicant, applicant_document(card)),
    )


def _shaped(shape: Any, document: dict[str, Any]) -> Any:
    return shape.model_validate(document)


def _size(first: int) -> int:
    if not 1 <= first <= MOST:
        raise Invalid("Some arguments cannot be taken.", {"first": f"Ask for 1 to {MOST} at a time."})
    return first


def _page(
    found: list[Row], first: int, purpose: str, key_of: Callable[[Row], list[Any]], node_of: Callable[[Row], Any]
) -> types.Connection[Any]:
    edges = [
        types.Edge(cursor=seal(settings().key, purpose, key_of(row)), node=node_of(row)) for row in found[:first]
    ]
    return types.Connection(edges=edges, page_info=_info(edges[-1].cursor if len(found) > first else None))


def _info(following: str | None) -> types.PageInfo:
    return types.PageInfo(has_next_page=following is not None, end_cursor=following)
