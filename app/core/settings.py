"""Every setting of the board, read once from the environment."""

import re
import secrets
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.core.networks import Networks, networks
from app.core.smtp import mail_server, sender

RELEASE = "0.1.0"
ROOT = Path(__file__).resolve().parents[2]
INSTANCE = ROOT / "instance"
DEVELOPMENT_SECRET = "development only, never in production"  # noqa: S105  production refuses it


class UnsafeSettings(SystemExit):
    """Refusal to start in production; the message says what to set."""


class Settings(BaseSettings):
    """The environment's settings (`CONTRACT`): names are the variables' in lower case."""

    model_config = SettingsConfigDict(extra="ignore")

    nexus_env: Literal["development", "production", "testing"] = "development"
    database_url: str = Field(default_factory=lambda: f"sqlite:///{INSTANCE / 'nexus.db'}")
    redis_url: str = ""
    secret_key: str = DEVELOPMENT_SECRET
    base_url: str = "http://127.0.0.1:5000"
    smtp_url: str = ""
    mail_from: str = "Nexus <jobs@nexus.example>"
    site_name: str = "Nexus"
    default_currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
    posting_days: int = Field(default=60, ge=1, le=365)
    trusted_proxies: int = Field(default=0, ge=0, le=10)
    upload_dir: Path = INSTANCE / "uploads"
    metrics_token: str = ""
    rate_limits: Literal["on", "off"] = "on"
    outbound_allow: str = ""

    @field_validator("outbound_allow")
    @classmethod
    def _name_networks(cls, text: str) -> str:
        networks(text)
        return text

    @field_validator("database_url")
    @classmethod
    def _name_the_driver(cls, url: str) -> str:
        for scheme in ("postgres://", "postgresql://"):
            if url.startswith(scheme):
                return "postgresql+psycopg://" + url.removeprefix(scheme)
        return url

    @property
    def production(self) -> bool:
        return self.nexus_env == "production"

    @property
    def key(self) -> bytes:
        """The secret that seals cursors and tokens."""
        return self.secret_key.encode()

    @property
    def may_reach(self) -> Networks:
        """Networks that outgoing requests may reach although they are not everybody's (OUTBOUND_ALLOW)."""
        return networks(self.outbound_allow)

    @property
    def index_file(self) -> Path:
        """Where the search index waits for the next start; it can be deleted at any time."""
        return self.upload_dir / "search" / "index.npz"

    @property
    def host(self) -> str:
        """Host (and port) under which people reach the board."""
        return urlsplit(self.base_url).netloc

    @property
    def secure(self) -> bool:
        """Whether people reach the board over https."""
        return self.base_url.startswith("https://")

    def refuse_unsafe(self) -> None:
        """Raise UnsafeSettings where mail cannot leave as the settings say, or production would run with a default
        only fit for development.
        """
        try:
            mail_server(self.smtp_url)
            sender(self.mail_from)
        except ValueError as error:
            raise UnsafeSettings(f"Nexus does not start like this: {error}") from None
        if not self.production:
            return
        problems = []
        if self.secret_key == DEVELOPMENT_SECRET or len(self.secret_key) < 32:
            problems.append(f"SECRET_KEY must be 32 characters or more, for example {secrets.token_urlsafe(32)}")
        elif re.search(r"[\s…]", self.secret_key):  # systemd takes a comment behind a value for part of it
            problems.append(
                "SECRET_KEY holds white space or “…”, as an example does that was not filled in: set it to the key"
                f" alone, for example {secrets.token_urlsafe(32)}"
            )
        if not self.secure:
            problems.append("BASE_URL must be the https address of the board")
        if self.rate_limits == "off":
            problems.append("RATE_LIMITS=off is for tests only")
        if self.outbound_allow:
            problems.append("OUTBOUND_ALLOW is for tests only")
        if self.metrics_token and len(self.metrics_token) < 16:
            problems.append("METRICS_TOKEN must be 16 characters or more, or empty")
        if problems:
            raise UnsafeSettings("Nexus does not start in production like this:\n- " + "\n- ".join(problems))
