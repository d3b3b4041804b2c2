"""Logos: what was uploaded is looked at, drawn anew as a small PNG, and forgotten."""

import io
import threading
import warnings
from datetime import datetime

from PIL import Image, ImageOps
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Invalid
from app.core.events import company_changed
from app.domain.audit.services import record
from app.domain.companies.models import Company
from app.domain.companies.services.profile import check_version

LARGEST = 2 * 1024 * 1024
MOST_PIXELS = 16_000_000
SIZE = 256
_MAGIC = {"PNG": (b"\x89PNG\r\n\x1a\n", 0), "JPEG": (b"\xff\xd8\xff", 0), "WEBP": (b"WEBP", 8)}
_AT_ONCE = threading.BoundedSemaphore(2)
"""A picture of the most pixels takes some 150 MB while it is drawn."""
_WRONG = "Choose a PNG, JPEG or WebP picture that opens on your own screen."


def redrawn(content: bytes) -> bytes:
    """The picture as a PNG of 256 × 256 with a transparent ground; nothing else of the file is left.

    Its size in pixels is read from the head and refused before anything is unpacked. Raises Invalid.
    """
    if not content or len(content) > LARGEST:
        raise _invalid("Use a picture of 2 MB at the most." if content else "Choose a picture.")
    kind = next((name for name, (magic, at) in _MAGIC.items() if content[at:at + len(magic)] == magic), None)
    if kind is None:
        raise _invalid(_WRONG)
    try:
        with _AT_ONCE, warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _drawn(content, kind)
    except Invalid:
        raise
    except Exception as error:  # a broken file makes the library raise nearly anything, IndexError among it
        raise _invalid(_WRONG) from error


def _drawn(content: bytes, kind: str) -> bytes:
    with Image.open(io.BytesIO(content), formats=[kind]) as looked:
        if looked.width * looked.height > MOST_PIXELS:
            raise _invalid("Use a picture of 4,000 by 4,000 points at the most.")
        looked.verify()
    with Image.open(io.BytesIO(content), formats=[kind]) as opened:
        opened.draft("RGB", (2 * SIZE, 2 * SIZE))
        upright = ImageOps.exif_transpose(opened).convert("RGBA")
    upright.thumbnail((SIZE, SIZE), Image.Resampling.LANCZOS)
    drawn = Image.new("RGBA", (SIZE, SIZE), (0, 0, 0, 0))
    drawn.paste(upright, ((SIZE - upright.width) // 2, (SIZE - upright.height) // 2))
    kept = io.BytesIO()
    drawn.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def put_logo(
    session: Session, company: Company, key: str | None, version: int, actor: Actor, now: datetime
) -> str | None:
    """Give a company the logo kept under `key`, or none; answers the key it had, whose bytes nobody needs any more.

    Raises Conflict where `version` is stale.
    """
    check_version(company, version)
    before, company.logo_key = company.logo_key, key
    session.flush()
    record(session, actor, "company.logo" if key else "company.logo_removed", ("company", company.id), now)
    company_changed.send("companies", session=session, company_id=company.id, now=now)
    return before


def _invalid(sentence: str) -> Invalid:
    return Invalid("The picture cannot be used.", {"logo": sentence})
