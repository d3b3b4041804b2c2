"""What the operator says of the board itself: one row, or none where the environment's word stands."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id

ONLY = 1
"""The id of the one row."""


class BoardSettings(Base):
    """Name, money, time and legal pages. An empty column leaves its question to the environment."""

    __tablename__ = "board_settings"
    __table_args__ = (CheckConstraint("id = 1", "only"),)

    id: Mapped[Id]
    site_name: Mapped[str | None] = mapped_column(String(60))
    default_currency: Mapped[str | None] = mapped_column(String(3))
    posting_days: Mapped[int | None]
    imprint_md: Mapped[str] = mapped_column(Text, default="")
    imprint_html: Mapped[str] = mapped_column(Text, default="")
    privacy_md: Mapped[str] = mapped_column(Text, default="")
    privacy_html: Mapped[str] = mapped_column(Text, default="")
    terms_md: Mapped[str] = mapped_column(Text, default="")
    terms_html: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Heartbeat(Base):
    """When something that works in the background was last seen alive."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(String(30), primary_key=True)
    at: Mapped[datetime]
