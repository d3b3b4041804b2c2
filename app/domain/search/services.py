"""Writing the room's own index and vocabulary. Sent for by `handlers.py` in the transaction of the change."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.domain.companies.models import Company
from app.domain.postings.models import Category, Posting
from app.domain.search import vocabulary
from app.domain.search.layout import document
from app.domain.search.models import PostingSearch

_BATCH = 200


def reindex(session: Session, posting_ids: Sequence[int]) -> None:
    """Bring the tokens of these postings up to date; unchanged ones are not written. Any number of ids."""
    session.flush()
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = (postgresql if on_postgresql else sqlite).insert(PostingSearch)
    upsert = insert.on_conflict_do_update(
        index_elements=[PostingSearch.posting_id],
        set_={"terms": insert.excluded.terms},
        where=PostingSearch.terms.is_distinct_from(insert.excluded.terms),
    )
    texts = (
        select(
            Posting.id,
            Posting.title,
            Company.name,
            Posting.place_label,
            Category.name,
            Posting.description_text,
        )
        .outerjoin(Posting.company)
        .outerjoin(Posting.category)
    )
    for start in range(0, len(posting_ids), _BATCH):
        rows = []
        for id_, title, company, place, category, body in session.execute(
            texts.where(Posting.id.in_(posting_ids[start : start + _BATCH])).order_by(Posting.id)
        ):
            tokens = document(title, (company or "", place, category or ""), body)
            vocabulary.note(session, id_, title, tokens.words)
            rows.append(
                {"posting_id": id_, "terms": tokens.as_tsvector() if on_postgresql else tokens.as_text()}
            )
        if rows:
            session.connection().execute(upsert, rows)


def reindex_company(session: Session, company_id: int) -> list[int]:
    """The same for every posting of a company, whose name is one of their texts. Returns their ids."""
    ids = list(session.scalars(select(Posting.id).where(Posting.company_id == company_id)))
    reindex(session, ids)
    return ids
