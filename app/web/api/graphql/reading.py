"""What may be asked."""

from typing import Annotated, Any, cast

import strawberry

from app.domain.applications.models import Stage
from app.domain.companies import queries as companies
from app.domain.companies.policies import Permission, Scope
from app.domain.postings import queries as postings
from app.web.api import acts
from app.web.api.graphql import pages, types
from app.web.api.graphql.inputs import PostingFilter, number
from app.web.api.graphql.limits import PAGE
from app.web.api.graphql.loading import Info
from app.web.api.graphql.policy import field
from app.web.api.schemas import access
from app.web.api.schemas.postings import Posting as Document
from app.web.api.schemas.shapes import Named
from app.web.api.telling import me_document
from app.web.asked import asked_by, exactly
from app.web.documents import posting_document
from app.web.policy import PUBLIC, SIGNED_IN, need

First = Annotated[int, strawberry.argument(description="Rows of the page, 100 at the most.")]
After = Annotated[str | None, strawberry.argument(description="The `endCursor` of the page before.")]
Id = strawberry.ID


@types.told(access.Belongs)
class Belonging:
    """Where somebody belongs, and as what."""


@types.told(access.Me)
class Me:
    """Who asks."""

    scopes: list[str]

    @strawberry.field(description="One's own applications, newest first.")
    def applications(
        self, info: Info, first: First = PAGE, after: After = None
    ) -> types.Connection[types.OwnApplication] | None:
        need(Scope.APPLY)
        return pages.of_own_applications(info, first, after)

    @strawberry.field(description="What one keeps an eye on, latest first.")
    def saved(
        self, info: Info, first: First = PAGE, after: After = None
    ) -> types.Connection[types.SavedPosting] | None:
        return pages.of_saved(info, first, after)

    @strawberry.field(description="The searches one saved, latest first; a hundred at the most.")
    def searches(self, info: Info) -> list[types.SavedSearch] | None:
        return pages.of_searches(info)


@strawberry.type
class Query:
    """What may be asked."""

    @field(PUBLIC)
    def postings(
        self, info: Info, filter: PostingFilter | None = None, sort: types.PostingSort | None = None,
        first: First = PAGE, after: After = None,
    ) -> types.PostingConnection | None:
        """A page of live postings, their total, and what choosing each option would give."""
        parsed = exactly(asked_by((filter or PostingFilter()).arguments(sort)))
        return pages.of_postings(info, parsed, first, after)

    @field(PUBLIC)
    def posting(self, info: Info, id: Id) -> types.Posting | None:
        """One posting: its company's members and admins read it in any state, everybody else while it is live."""
        context = info.context
        return shaped(acts.seen_posting(context.session, number(id), context.actor, context.now), info)

    @field(PUBLIC)
    def categories(self, info: Info) -> list[types.Category] | None:
        """The fields of work one may choose, in the board's order."""
        return cast(list[types.Category], [_named(one) for one in postings.categories(info.context.session)])

    @field(PUBLIC)
    def companies(self, info: Info, first: First = PAGE, after: After = None) -> types.Connection[types.Company] | None:
        """All companies by name."""
        return pages.of_companies(info, first, after)

    @field(PUBLIC)
    def company(self, info: Info, slug: str) -> types.Company | None:
        """One company, by its present address or a former one."""
        session = info.context.session
        present = companies.merged_slugs(session, [slug]).get(slug, slug)
        return cast(types.Company, _named(companies.by_slug(session, present)))

    @field(SIGNED_IN)
    def me(self, info: Info) -> Me | None:
        """Who asks."""
        need(Scope.ACCOUNT)
        return cast(Me, access.Me.model_validate(me_document(info.context.actor)))

    @field(SIGNED_IN)
    def applications(
        self, info: Info, posting: Id, stage: Stage | None = None, first: First = PAGE, after: After = None
    ) -> types.Connection[types.Applicant] | None:
        """The applicants of a posting of one's company, newest first."""
        context, posting_id = info.context, number(posting)
        postings.for_member(context.session, posting_id, context.actor, Permission.APPLICATIONS_APPLICATION_READ)
        return pages.of_applicants(info, posting_id, stage, first, after)


def shaped(found: Any, info: Info) -> types.Posting:
    """A posting as it may be asked about."""
    return cast(types.Posting, Document.model_validate(posting_document(found, info.context.links, info.context.now)))


def _named(row: Any) -> Named:
    return Named(slug=row.slug, name=row.name)
