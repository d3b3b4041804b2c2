"""Who asks, and what lets programs in."""

from datetime import datetime

from pydantic import Field

from app.domain.companies.policies import Scope
from app.web.api.schemas.shapes import Named, Shape


class Credentials(Shape):
    """What one signs in with."""

    email: str = Field(max_length=320, examples=["employer@nexus.example"])
    password: str = Field(max_length=1000, examples=["nexus demo password"])
    otp: str = Field("", max_length=40, description="The code, where a second factor is on.")


class Refresh(Shape):
    """What renews access."""

    refresh_token: str = Field(min_length=1, max_length=200, examples=["Rc1dZ9mXb0o4tSxk0f3yVYw3iVwR1gYk2m6cH8qK7aU"])


class Access(Shape):
    """Access for a while (RFC 6749, 5.1)."""

    access_token: str = Field(
        description="Send it as `Authorization: Bearer …`.", examples=["eyJhbGciOiJIUzI1NiJ9.e30.c2ln"]
    )
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="Seconds.", examples=[900])
    refresh_token: str = Field(description="Good once.", examples=["pQ2mXb0o4tSxk0f3yVYw3iVwR1gYk2m6cH8qK7aURc1"])


class Belongs(Named):
    """Where somebody belongs, and as what."""

    role: str = Field(examples=["owner"])


class Me(Shape):
    """Who asks."""

    name: str = Field(examples=["Grace Hopper"])
    email: str = Field(examples=["employer@nexus.example"])
    admin: bool = Field(examples=[False])
    email_verified: bool
    companies: list[Belongs]
    scopes: list[Scope]


class NewToken(Shape):
    """A token to be made."""

    name: str = Field(max_length=200, description="What it is for.", examples=["Nightly import"])
    scopes: list[Scope] = Field(min_length=1, examples=[["account", "postings:write"]])
    company: str | None = Field(None, description="The slug of the one company it is for, while you belong to it.")
    days: int = Field(90, description="How long it is good.", ge=1, le=366)


class Token(Shape):
    """A token without what shows it."""

    id: int = Field(examples=[7])
    name: str = Field(examples=["Nightly import"])
    hint: str = Field(description="How it begins.", examples=["nxs_4x7a"])
    scopes: list[Scope]
    company: str | None = Field(description="The one company it is for.", examples=["northwind"])
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class Secret(Token):
    """A token as it is told once."""

    token: str = Field(description="What shows it.", examples=["nxs_4x7aZ9mXb0o4tSxk0f3yVYw3iVwR1gYk2m6cH8qK7aU"])


class Tokens(Shape):
    items: list[Token]
