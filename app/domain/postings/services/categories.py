"""The board's fields of work: added, ordered, renamed, merged, archived. Former addresses keep answering."""

from datetime import datetime

from slugify import slugify
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.core.actor import Actor
from app.core.errors import Conflict, Invalid, NotFound
from app.core.events import categories_changed, postings_changed
from app.core.lines import one_line
from app.domain.audit.services import record
from app.domain.postings.models import Category, CategorySlug, Posting
from app.domain.postings.taxonomy import CATEGORIES

LONGEST_NAME, LONGEST_SLUG = 80, 60


def seed_categories(session: Session) -> None:
    """Give a board that has no fields of work yet the usual ones; a board that has some keeps its own."""
    if session.scalar(select(Category.id).limit(1)) is None:
        rows = [{"slug": slug, "name": name, "position": place} for place, (slug, name) in enumerate(CATEGORIES)]
        session.execute(insert(Category), rows)


def locked_category(session: Session, category_id: int) -> Category:
    """A field of work, held until the transaction ends. Raises NotFound."""
    category = session.scalar(select(Category).where(Category.id == category_id).with_for_update())
    if category is None:
        raise NotFound
    return category


def add_category(session: Session, name: str, slug: str, actor: Actor, now: datetime) -> Category:
    """A new field at the end of the order; without `slug` its address is made of its name.

    One that has this very name and address already is answered as it is. Raises Invalid naming what cannot be taken.
    """
    name, slug = _checked(name, slug)
    same = session.scalar(select(Category).where(Category.slug == slug, Category.name == name))
    if same is not None:
        return same
    _require_free(session, slug, None)
    last = session.scalar(select(func.max(Category.position)))
    category = Category(name=name, slug=slug, position=0 if last is None else last + 1)
    session.add(category)
    session.flush()
    record(session, actor, "category.add", ("category", category.id), now, after=slug)
    categories_changed.send("postings", session=session, now=now)
    return category


def rename_category(
    session: Session, category: Category, name: str, slug: str, version: int, actor: Actor, now: datetime
) -> Category:
    """Another name or address; the former address leads here. Said already, it changes nothing.

    Raises Conflict (fresh: the field) where `version` is stale, Invalid naming what cannot be taken.
    """
    name, slug = _checked(name, slug or category.slug)
    if (category.name, category.slug) == (name, slug):
        return category
    _check_version(category, version)
    former, renamed = category.slug, category.name != name
    if slug != former:
        _require_free(session, slug, category)
        session.execute(delete(CategorySlug).where(CategorySlug.slug == slug))
        session.add(CategorySlug(slug=former, category_id=category.id))
    category.name, category.slug = name, slug
    record(session, actor, "category.rename", ("category", category.id), now, before=former, after=slug)
    categories_changed.send("postings", session=session, now=now)
    session.flush()
    if renamed:
        _tell(session, category.id, now)
    return category


def place_category(
    session: Session, category: Category, place: int, version: int, actor: Actor, now: datetime
) -> Category:
    """Put a field at a place of the order, 0 being the first. There already, it stays.

    Raises Conflict (fresh: the field) where `version` is stale.
    """
    rows = list(session.scalars(select(Category).order_by(Category.position, Category.id).with_for_update()))
    place = min(max(place, 0), len(rows) - 1)
    before = rows.index(category)
    if before == place:
        return category
    _check_version(category, version)
    rows.insert(place, rows.pop(before))
    for position, row in enumerate(rows):
        if row is category:
            row.position = position
            flag_modified(row, "position")  # a new version, though among equals its number may stay
        elif row.position != position:  # the others were not changed by anybody: their versions stay
            session.execute(
                update(Category)
                .where(Category.id == row.id)
                .values(position=position)
                .execution_options(synchronize_session=False)
            )
    record(session, actor, "category.place", ("category", category.id), now, before=str(before), after=str(place))
    categories_changed.send("postings", session=session, now=now)
    session.flush()
    session.expire_all()
    return category


def archive_category(
    session: Session, category: Category, archived: bool, version: int, actor: Actor, now: datetime
) -> Category:
    """Let nobody choose an empty field any more, or again. So already, it changes nothing.

    Raises Conflict (fresh: the field) where `version` is stale, Invalid where it holds postings.
    """
    if (category.archived_at is not None) is archived:
        return category
    _check_version(category, version)
    if archived and session.scalar(select(Posting.id).where(Posting.category_id == category.id).limit(1)):
        raise Invalid("This field holds postings. Merge it into another one instead.")
    category.archived_at = now if archived else None
    action = "category.archive" if archived else "category.unarchive"
    record(session, actor, action, ("category", category.id), now)
    categories_changed.send("postings", session=session, now=now)
    session.flush()
    return category


def merge_category(
    session: Session, category: Category, into: Category, versions: tuple[int, int], actor: Actor, now: datetime
) -> Category:
    """Move a field's postings to another and end it; its addresses, former ones too, answer as the other.

    Raises Conflict where one of them is stale, Invalid where they cannot be merged.
    """
    if category.id == into.id:
        raise Invalid("A field cannot be merged into itself.", {"into": "Choose another field."})
    if into.archived_at is not None:
        raise Invalid("That field is archived.", {"into": "Choose one that is in use."})
    _check_version(category, versions[0])
    _check_version(into, versions[1])
    gone, slug = category.id, category.slug
    ids = _posting_ids(session, gone)
    session.execute(
        update(Posting)
        .where(Posting.category_id == gone)
        .values(category_id=into.id, version=Posting.version + 1, updated_at=now)
        .execution_options(synchronize_session=False)
    )
    session.execute(update(CategorySlug).where(CategorySlug.category_id == gone).values(category_id=into.id))
    session.delete(category)
    session.flush()
    session.add(CategorySlug(slug=slug, category_id=into.id))
    record(session, actor, "category.merge", ("category", into.id), now, before=slug, after=into.slug)
    categories_changed.send("postings", session=session, now=now)
    session.flush()
    session.expire_all()
    postings_changed.send("postings", session=session, posting_ids=ids, now=now)
    return into


def _tell(session: Session, category_id: int, now: datetime) -> None:
    ids = _posting_ids(session, category_id)
    postings_changed.send("postings", session=session, posting_ids=ids, now=now)


def _posting_ids(session: Session, category_id: int) -> list[int]:
    return list(session.scalars(select(Posting.id).where(Posting.category_id == category_id).order_by(Posting.id)))


def _check_version(category: Category, version: int) -> None:
    if category.version != version:
        raise Conflict("Somebody changed this field meanwhile. Look at it as it is now and repeat.", fresh=category)


def _checked(name: str, slug: str) -> tuple[str, str]:
    name, problems = one_line(name), {}
    if not name or len(name) > LONGEST_NAME:
        problems["name"] = f"Write a name of 1 to {LONGEST_NAME} characters."
    wanted = slug.strip().lower()
    slug = slugify(wanted or name, max_length=LONGEST_SLUG)
    if "name" not in problems and (not slug or (wanted and slug != wanted)):
        problems["slug"] = "Write the address in small letters, digits and hyphens."
    if problems:
        raise Invalid("Some answers need another look.", problems)
    return name, slug


def _require_free(session: Session, slug: str, own: Category | None) -> None:
    taken = session.scalar(select(Category.id).where(Category.slug == slug))
    former = session.scalar(select(CategorySlug.category_id).where(CategorySlug.slug == slug))
    if taken is not None or (former is not None and (own is None or former != own.id)):
        raise Invalid("This address is taken.", {"slug": "Another field has, or had, this address. Choose another."})
