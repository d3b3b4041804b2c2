"""What all documents have in common: nothing but what is named."""

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """Nothing but what is named."""

    model_config = ConfigDict(extra="forbid")


class Wrong(Shape):
    """One thing that is wrong with what was sent."""

    name: str = Field(description="The argument or field.", examples=["salary_min"])
    pointer: str = Field(description="Where it stands in the body (RFC 6901).", examples=["#/salary_min"])
    detail: str = Field(examples=["Write the lowest yearly pay as a whole number."])


class Problem(Shape):
    """An error as RFC 9457 has it."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    detail: str = Field(description="A sentence for the person.", examples=["Some arguments cannot be taken."])
    version: int | None = Field(None, description="After 409: the version it has now.", examples=[None])
    errors: list[Wrong] = Field(default=[], description="What is wrong, field by field, where fields are.")


class Named(Shape):
    """Something with an address and a name."""

    slug: str = Field(examples=["engineering"])
    name: str = Field(examples=["Engineering"])


class Conditional(BaseModel):
    """What a change may carry instead of its version."""

    model_config = ConfigDict(populate_by_name=True)

    if_match: str | None = Field(None, alias="If-Match", description="The `ETag` it was read with; stale, it is 412.")


VERSION = "What you read, unless `If-Match` says it."
"""What the version in a body is."""


class Versioned(Shape):
    """The version an act is meant for."""

    version: int | None = Field(None, ge=1, description=VERSION)


class After(BaseModel):
    """Where a list goes on."""

    after: str | None = Field(None, description="The `next` of the page before.")
