"""The one transaction of applying, at every door."""

from collections.abc import Callable
from datetime import datetime

from app.core.db import transaction
from app.core.errors import DomainError
from app.domain.applications import services
from app.domain.applications.models import StoredFile
from app.domain.applications.resumes import Upload
from app.web import uploads
from app.web.people import current_actor


def apply_with(
    posting_id: int, given: services.Given, resume: Upload | Callable[[], StoredFile], now: datetime
) -> services.Applied:
    """Apply with a file just uploaded, or with one kept before. Raises what `services.apply` does, and NoRoom.

    The bytes are on disk before the transaction, and gone again where it came to nothing.
    """
    store, actor = uploads.store(), current_actor()
    key = uploads.put(resume) if isinstance(resume, Upload) else ""
    try:
        with transaction() as session:
            file = services.keep(session, resume, key, now) if isinstance(resume, Upload) else resume()
            applied = services.apply(session, posting_id, actor, given, file, now)
    except DomainError:
        if key:
            store.delete(key)
        raise
    if applied.unused:
        store.delete(applied.unused)
    return applied
