"""The index and what is kept of counts follow the postings, in the transaction that changes them."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.core.cache import POSTINGS, changed
from app.core.events import board_changed, categories_changed, company_changed, postings_changed
from app.domain.search import changes, services


@postings_changed.connect
def _index_postings(sender: object, *, session: Session, posting_ids: Sequence[int], **news: object) -> None:
    services.reindex(session, posting_ids)
    changes.note(session, posting_ids)
    changed(session, POSTINGS)


@company_changed.connect
def _index_company(sender: object, *, session: Session, company_id: int, **news: object) -> None:
    changes.note(session, services.reindex_company(session, company_id))
    changes.note_names(session)
    changed(session, POSTINGS)


@categories_changed.connect
def _rename_options(sender: object, *, session: Session, **news: object) -> None:
    changes.note_names(session)
    changed(session, POSTINGS)


@board_changed.connect
def _tell_every_process(sender: object, *, session: Session, **news: object) -> None:
    changes.note_names(session)
