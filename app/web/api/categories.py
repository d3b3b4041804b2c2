"""Fields of work: read by everybody, written by admins."""

from datetime import datetime

from flask import Response, jsonify, request

from app.core import clock
from app.core.db import Session, reading, transaction
from app.domain.companies.policies import Permission
from app.domain.postings import queries
from app.domain.postings.models import Category
from app.domain.postings.services import categories as services
from app.domain.search.queries import by_category
from app.web.api import blueprint as bp
from app.web.api.bodies import body
from app.web.api.describing import described
from app.web.api.repeats import Repeatable, once
from app.web.api.schemas.names import Categories, NewCategory, Renamed
from app.web.api.schemas.names import Category as Document
from app.web.api.schemas.shapes import Conditional, Versioned
from app.web.api.versions import version_of
from app.web.people import current_actor
from app.web.policy import PUBLIC, allow

EDIT = Permission.ADMIN_CATEGORIES_EDIT


@bp.get("/v1/categories")
@allow(PUBLIC)
@described("Names", Categories)
def categories() -> Response:
    """The fields of work one may choose, in the board's order, each with the number of its live postings."""
    session = reading()
    counts = _counts(session, clock.now())
    return jsonify(items=[_told(one, counts) for one in queries.categories(session)])


@bp.post("/v1/categories")
@allow(EDIT)
@described("Names", Document, 403, 404, 409, takes=NewCategory, headers=Repeatable, status=201)
def add_category() -> tuple[Response, int]:
    """A new field at the end of the order; one that is there already is answered as it is."""
    given, actor, now = body(NewCategory), current_actor(), clock.now()
    with transaction() as session:
        category_id, _ = once(
            session, given, lambda: services.add_category(session, given.name, given.slug, actor, now).id
        )
    return _answer(category_id), 201


@bp.patch("/v1/categories/<id:category_id>")
@allow(EDIT)
@described("Names", Document, 403, 404, 409, 412, takes=Renamed, headers=Conditional)
def rename_category(category_id: int) -> Response:
    """Another name or address. Former addresses lead to the new one."""
    given, now = body(Renamed), clock.now()
    with transaction() as session:
        category = services.locked_category(session, category_id)
        name = category.name if given.name is None else given.name
        version = _version(given, category)
        services.rename_category(session, category, name, given.slug or "", version, current_actor(), now)
    return _answer(category_id)


@bp.delete("/v1/categories/<id:category_id>")
@allow(EDIT)
@described("Names", None, 403, 404, 409, 412, takes=Versioned, headers=Conditional)
def delete_category(category_id: int) -> tuple[str, int]:
    """Let nobody choose a field any more; one that holds postings is merged on the admin's desk instead."""
    given = body(Versioned) if request.content_length else Versioned(version=None)
    with transaction() as session:
        category = services.locked_category(session, category_id)
        services.archive_category(session, category, True, _version(given, category), current_actor(), clock.now())
    return "", 204


def _version(given: Renamed | Versioned, category: Category) -> int:
    return version_of(given.version, category.version, lambda: _etag(category))


def _answer(category_id: int) -> Response:
    """What a change left, counted when nobody waits for it any more."""
    session = reading()
    category = queries.category_by_id(session, category_id)
    answer = jsonify(_told(category, _counts(session, clock.now())))
    answer.set_etag(_etag(category))
    return answer


def _etag(category: Category) -> str:
    return f"category-{category.id}-{category.version}"


def _counts(session: Session, now: datetime) -> dict[str, int]:
    return {one.value: one.count for one in by_category(session, now)[1]}


def _told(category: Category, counts: dict[str, int]) -> dict[str, object]:
    return {
        "id": category.id, "slug": category.slug, "name": category.name, "count": counts.get(category.slug, 0),
        "version": category.version,
    }  # fmt: skip
