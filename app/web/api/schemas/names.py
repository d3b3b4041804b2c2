"""Fields of work and companies."""

from pydantic import Field

from app.web.api.schemas.shapes import VERSION, Named, Shape


class Category(Named):
    """A field of work."""

    id: int = Field(examples=[1])
    count: int = Field(description="Its live postings.", examples=[312])
    version: int = Field(description="What a change must name.")


class NewCategory(Shape):
    """A field of work to be added."""

    name: str = Field(max_length=200, examples=["Engineering"])
    slug: str = Field("", max_length=200, description="Left out, it is made of the name.")


class Renamed(Shape):
    """A change of a field of work; what is left out stays as it is."""

    name: str | None = Field(None, max_length=200, examples=["Engineering"])
    slug: str | None = Field(None, max_length=200, examples=["engineering"])
    version: int | None = Field(None, ge=1, description=VERSION)


class Categories(Shape):
    items: list[Category]


class Company(Named):
    """An employer as everybody may read it."""

    website: str | None = Field(examples=["https://northwind.example"])
    description_html: str = Field(examples=["<p>We catch the wind.</p>"])
    url: str = Field(examples=["https://board.example/companies/northwind"])
    count: int = Field(description="Its live postings.", examples=[12])


class Companies(Shape):
    items: list[Company]
    next: str | None = Field(description="The cursor of the following page: `after`.", examples=[None])
