"""Files that come with requests, and where they lie."""

from flask import request

from app.core.errors import NoRoom
from app.core.files import UploadStore
from app.domain.applications.resumes import LARGEST, Upload, check
from app.web.context import settings


def store() -> UploadStore:
    """The board's upload store."""
    return UploadStore(settings().upload_dir)


def put(upload: Upload) -> str:
    """Keep a checked file's bytes and answer their key. Raises NoRoom where the disk refuses."""
    return keep(upload.content)


def keep(content: bytes) -> str:
    """Keep bytes of our own making and answer their key. Raises NoRoom where the disk refuses."""
    try:
        return store().put(content)
    except OSError as error:
        raise NoRoom("The board has no room for files just now. Please try again in a few minutes.") from error


def uploaded(field: str) -> Upload | None:
    """The checked file of a form's field, None where none was chosen. Raises Invalid."""
    file = request.files.get(field)
    if file is None or not file.filename:
        return None
    return check(file.stream.read(LARGEST + 1), file.filename)
