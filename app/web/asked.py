"""What the address of a listing asks, at every door, and the addresses of listings."""

from collections.abc import Iterable

from flask import request

from app.core import clock
from app.core.db import reading
from app.core.errors import Invalid
from app.domain.search.filters import Filters, Parsed, parse
from app.domain.search.queries import known
from app.web.context import board


def asked() -> Parsed:
    """The filters of this request, as this board knows them."""
    return asked_by(request.args.items(multi=True))


def asked_by(arguments: Iterable[tuple[str, str]]) -> Parsed:
    """The filters that these arguments name."""
    parsed = parse(arguments, board().default_currency)
    return known(reading(), parsed, clock.now())


def exactly(parsed: Parsed | None = None) -> Parsed:
    """The same for machines, which would not see a problem told beside the rest. Raises Invalid where there is one."""
    parsed = parsed or asked()
    if parsed.problems:
        raise Invalid("Some arguments cannot be taken.", dict(parsed.problems))
    return parsed


def jobs_url(filters: Filters, path: str = "/jobs", *, after: str | None = None, more: str | None = None) -> str:
    """The listing of these filters at `path`, behind the cursor `after`, with `more` of a facet."""
    query = "&".join(filter(None, (filters.to_query(), after and f"after={after}", more and f"more={more}")))
    return f"{path}?{query}" if query else path
