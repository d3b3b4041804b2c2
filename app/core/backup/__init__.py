"""The whole board in one file, rows and uploads, in a form that knows no engine."""

from app.core.backup.form import Damaged, Manifest, NotFit
from app.core.backup.making import Made, back_up
from app.core.backup.restoring import restore, verified

__all__ = ["Damaged", "Made", "Manifest", "NotFit", "back_up", "restore", "verified"]
