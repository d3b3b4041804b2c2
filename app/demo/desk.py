"""What a desk looks like after weeks of work: stages of its own, notes, ratings, views of its jobs, and two reports."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from app.core.actor import ANONYMOUS, Actor
from app.demo.maker import SEED, Maker
from app.demo.wording import table
from app.domain.applications.lanes import add_stage
from app.domain.applications.models import Application, Notify, Stage
from app.domain.applications.remarks import add_note, rate
from app.domain.applications.services import move
from app.domain.companies.models import Company
from app.domain.postings.models import Posting, PostingViews, ReportReason
from app.domain.postings.services.reports import Whence, report

_STAGES = (("Phone call", Stage.IN_REVIEW), ("On site", Stage.INTERVIEW))
_RATED = (Stage.IN_REVIEW, Stage.INTERVIEW, Stage.OFFER, Stage.HIRED, Stage.REJECTED)


def worked(maker: Maker, firm: Company, team: Sequence[Actor], posting: Posting) -> None:
    """The team of `firm` divided its stages, and said what it thinks of the applicants of `posting`."""
    rng, words = Random(SEED), table("story")["remarks"]["notes"]

    def think(now: datetime) -> None:
        session = maker.session
        own = [add_stage(session, firm.id, name, stage.value, team[0], now) for name, stage in _STAGES]
        found = session.scalars(
            select(Application)
            .where(Application.posting_id == posting.id, Application.stage.in_(_RATED))
            .order_by(Application.id)
        ).all()
        for number, application in enumerate(found):
            for colleague in team if number % 2 else team[:1]:
                rate(session, application, str(rng.choice((2, 3, 4, 4, 5))), colleague, now)
            if number % 2:
                add_note(session, application, words[number // 2 % len(words)], rng.choice(team), now)
            session.refresh(application)
        for stage in own:
            standing = next((each for each in found if each.stage is stage.stage), None)
            if standing is not None:
                move(
                    session, standing, stage.stage.value, standing.version, team[0], "", Notify.NO, now,
                    stage_id=str(stage.id),
                )

    maker.at(maker.now - timedelta(minutes=40), think)


def looked_at(maker: Maker, postings: Sequence[tuple[Posting, int]]) -> None:
    """Views of these postings, more on the first days; some four in a hundred readers apply."""
    rng = Random(SEED)
    for posting, applicants in postings:
        begun = posting.published_at or maker.now
        days = max(1, (maker.now - begun).days)
        total = applicants * rng.randint(18, 34) + 20
        shares = [1 / (2 + day) for day in range(days)]
        maker.session.add_all(
            PostingViews(
                posting_id=posting.id, day=(begun + timedelta(days=day)).date(),
                views=max(1, round(total * share / sum(shares))),
            )
            for day, share in enumerate(shares)
        )


def reported(maker: Maker, postings: Sequence[Posting]) -> None:
    """Somebody has something to say of each of these, public for a day at least: fewer than would freeze one."""
    told = (
        (ReportReason.OVER, "I called them: somebody was hired three weeks ago."),
        (ReportReason.WRONG_FACTS, "They offered me a third less than what stands here."),
    )
    for number, (posting, (reason, words)) in enumerate(zip(postings, told, strict=False)):
        come = Whence(f"demo-{number}", f"demo-{number}")

        def tell(
            now: datetime, posting: Posting = posting, reason: ReportReason = reason, words: str = words,
            come: Whence = come,
        ) -> None:
            report(maker.session, posting.id, ANONYMOUS, reason, words, come, now)

        maker.at(maker.now - timedelta(hours=7 + 5 * number), tell)
