"""Who acts: a frozen fact passed into every policy and service."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["owner", "recruiter", "reviewer"]


@dataclass(frozen=True, slots=True)
class Belonging:
    """One living membership of the actor."""

    company_id: int
    company_slug: str
    company_name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, the system, or nobody. `how` says by what they were recognised."""

    user_id: int | None = None
    name: str = ""
    email: str = ""
    is_admin: bool = False
    memberships: tuple[Belonging, ...] = ()
    how: Literal["anonymous", "session", "system", "token"] = "anonymous"
    session_id: int | None = None
    token_id: int | None = None
    scopes: frozenset[str] | None = None
    """What a program's token is for; None for people, who may all that is theirs."""
    email_verified: bool = False
    """Whether the address is known to be theirs."""
    second_factor: bool = False
    """Whether signing in asks them for a code."""
    seen_at: datetime | None = None
    """When their session or token was last noted to be in use."""

    @property
    def is_authenticated(self) -> bool:
        return self.user_id is not None

    @property
    def is_employer(self) -> bool:
        return bool(self.memberships)

    def belonging(self, company_id: int | None) -> Belonging | None:
        """The actor's living membership of that company, if any."""
        return next((m for m in self.memberships if m.company_id == company_id), None)


ANONYMOUS = Actor()
SYSTEM = Actor(name="Nexus", how="system")
