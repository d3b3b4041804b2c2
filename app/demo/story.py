"""Two companies in the middle of hiring: postings, applicants in every stage, what was said to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slugify import slugify

from app.core.actor import ANONYMOUS, Actor
from app.core.files import UploadStore
from app.demo.maker import Maker
from app.demo.pdf import resume
from app.demo.wording import table
from app.domain.alerts.services import save
from app.domain.applications.models import Application
from app.domain.applications.models import Stage as S
from app.domain.applications.resumes import Upload, check
from app.domain.applications.services import Given, apply, keep, move, withdraw
from app.domain.companies.models import Company
from app.domain.postings.models import Posting, PostingStatus, QuestionKind
from app.domain.postings.services import Facts, QuestionFacts, repost, submit, transition
from app.domain.postings.transitions import Mover

_PATHS: tuple[tuple[int, tuple[S, ...]], ...] = (
    (28, ()),
    (22, (S.IN_REVIEW,)),
    (13, (S.IN_REVIEW, S.INTERVIEW)),
    (5, (S.IN_REVIEW, S.INTERVIEW, S.OFFER)),
    (3, (S.IN_REVIEW, S.INTERVIEW, S.OFFER, S.HIRED)),
    (9, (S.REJECTED,)),
    (8, (S.IN_REVIEW, S.REJECTED)),
    (4, (S.IN_REVIEW, S.INTERVIEW, S.REJECTED)),
    (4, (S.IN_REVIEW, S.WITHDRAWN)),
    (2, (S.IN_REVIEW, S.INTERVIEW, S.OFFER, S.DECLINED)),
    (2, (S.SPAM,)),
)
"""(how often of a hundred, the steps of an application)"""
_EVERY = tuple(steps for _, steps in _PATHS)


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies: a guest, or the person of `actor`."""

    name: str
    email: str
    actor: Actor = ANONYMOUS


class Hiring:
    """Applications to the postings of one company, moved by the people of its team."""

    def __init__(self, maker: Maker, store: UploadStore, team: Sequence[Actor]) -> None:
        self.maker = maker
        self.store = store
        self.team = team
        self.words = table("story")

    def fill(self, posting: Posting, number: int, paths: Sequence[tuple[S, ...]] = ()) -> None:
        """`number` guests apply and are dealt with; the first ones along `paths`."""
        shares, steps = [share for share, _ in _PATHS], [path for _, path in _PATHS]
        for index in range(number):
            path = paths[index] if index < len(paths) else self.maker.rng.choices(steps, shares)[0]
            name = self.maker.person_name()
            self.apply(posting, Applicant(name, f"{slugify(name)}@applicants.example"), path, _share(self.maker, index))

    def apply(self, posting: Posting, who: Applicant, steps: Sequence[S], share: float) -> None:
        """`who` applies after `share` of the time the posting is public, and is dealt with by `steps`."""
        rng, begun = self.maker.rng, posting.published_at or self.maker.now
        when = begun + (self.maker.now - begun) * share
        letter, upload = self._letter(posting, who), self._resume(who)
        answers = tuple((q.prompt, self._answer(q.kind)) for q in posting.questions)
        made: list[int] = []

        def begin(now: datetime) -> None:
            file = keep(self.maker.session, upload, self.store.put(upload.content), now)
            given = Given(who.name, who.email, letter, answers, "")
            made.append(apply(self.maker.session, posting.id, who.actor, given, file, now).application_id)

        self.maker.at(when, begin)
        for step in steps:
            left = max(self.maker.now - when, timedelta(minutes=10))
            when += min(timedelta(hours=rng.uniform(6, 80)), left / 2)
            self.maker.at(when, self._step(made, who, step))

    def _step(self, made: list[int], who: Applicant, to: S) -> Any:
        by = self.maker.rng.choice(self.team)
        reason = self.maker.rng.choice(self.words["reasons"]["rejected"]) if to is S.REJECTED else ""

        def act(now: datetime) -> None:
            application = self.maker.session.get_one(Application, made[0])
            if to in (S.WITHDRAWN, S.DECLINED):
                withdraw(self.maker.session, application, who.actor, application.version, now, to=to)
            else:
                move(self.maker.session, application, to, application.version, by, reason, "now", now)

        return act

    def _letter(self, posting: Posting, who: Applicant) -> str:
        words, choose = self.words["letters"], self.maker.rng.choice
        lines = [f"Dear team of {posting.title},", choose(words["openings"]), choose(words["middles"]),
                 choose(words["ends"]), f"Kind regards\n{who.name}"]
        return "\n\n".join(lines) if self.maker.rng.random() < 0.85 else ""

    def _answer(self, kind: QuestionKind) -> str:
        if kind is QuestionKind.YES_NO:
            return "yes" if self.maker.rng.random() < 0.9 else "no"
        answer: str = self.maker.rng.choice(self.words["letters"]["answers"])
        return answer

    def _resume(self, who: Applicant) -> Upload:
        words, rng = self.words["resume"], self.maker.rng
        trade, before = rng.sample(words["trades"], 2)
        first = rng.randrange(2009, 2019)
        lines = (
            who.email, "", "Work", f"since {first + 4}   {trade.capitalize()}",
            f"{first} to {first + 4}   {before.capitalize()}", "", "Training",
            f"{first - 3} to {first}   {rng.choice(words['schools'])}", "", "Good at",
            *(f"-  {skill}" for skill in rng.sample(words["skills"], 4)), "", "Invented for a demo board.",
        )
        return check(resume(who.name, lines), f"{slugify(who.name)}-resume.pdf")


def _share(maker: Maker, index: int) -> float:
    return min(0.97, 0.04 + 0.07 * index + maker.rng.uniform(0, 0.1))


def facts(row: dict[str, Any]) -> Facts:
    """A posting of story.toml."""
    low, high, currency, period = row["pay"] or ("", "", "", "")
    bullets = ["\n".join(f"- {line}" for line in row[name]) for name in ("duties", "needs")]
    text = f"{row['about']}\n\n### What you will do\n\n{bullets[0]}\n\n### What you bring\n\n{bullets[1]}"
    return Facts(
        title=row["title"], description=text, category=row["category"], type=row["type"], workplace=row["workplace"],
        places=tuple(row["places"]), remote_countries=tuple(row.get("remote", ())), salary_min=low, salary_max=high,
        salary_currency=currency, salary_period=period, experience=row["experience"],
        openings=row.get("openings", "1"),
        questions=tuple(QuestionFacts(prompt, required, kind) for prompt, required, kind in row["questions"]),
    )


def company(maker: Maker, name: str, *, trusted: bool) -> Company:
    """One of the companies of story.toml."""
    row = table("story")[name]
    told = f"{row['description']}\n\n*This company is invented: it belongs to the demo board.*"
    return maker.company(row["name"], row["country"], told, trusted=trusted, website=row["website"])


def publish_all(maker: Maker, firm: Company, name: str, owner: Actor) -> list[tuple[Posting, int]]:
    """The live postings of a company of story.toml, each with how many applicants it is to have."""
    return [
        (maker.published(firm, facts(row), owner, maker.weekday(row["days"])), row["applicants"])
        for row in table("story")[name]["postings"]
    ]


def hire(hiring: Hiring, postings: Sequence[tuple[Posting, int]]) -> None:
    """Applicants for all of them; the first posting has one at every place an application can be."""
    for index, (posting, number) in enumerate(postings):
        hiring.fill(posting, number, _EVERY if index == 0 else ())


def unfinished(hiring: Hiring, firm: Company, owner: Actor) -> None:
    """What lies on the employer's desk: one that is filled, its repost as a draft, one paused, one in review."""
    maker, rows = hiring.maker, table("story")["northwind"]
    filled = maker.published(firm, facts(rows["filled"]), owner, maker.weekday(rows["filled"]["days"]))
    maker.session.flush()
    hired = (S.IN_REVIEW, S.INTERVIEW, S.OFFER, S.HIRED)
    hiring.fill(filled, rows["filled"]["applicants"], (hired, (S.IN_REVIEW,), (), (S.IN_REVIEW, S.INTERVIEW)))
    spring = maker.published(firm, facts(rows["postings"][1] | {"title": "Crane Operator"}), owner, maker.weekday(30))
    spring.status = PostingStatus.PAUSED
    waiting = maker.draft(firm, facts(rows["postings"][2] | {"title": "Press Officer"}), owner, maker.weekday(2))

    def end(now: datetime) -> None:
        transition(
            maker.session, filled, PostingStatus.FILLED, Mover.EMPLOYER, filled.version, owner, "", now,
            maker.posting_days,
        )
        repost(maker.session, filled, owner, now)

    def hand_in(now: datetime) -> None:
        submit(maker.session, waiting, waiting.version, owner, now, maker.posting_days)

    maker.at(maker.now - timedelta(hours=30), end)
    maker.at(maker.now - timedelta(hours=9), hand_in)


def seek(hirings: Sequence[Hiring], postings: Sequence[Posting], seeker: Actor) -> None:
    """The seeker's applications, one at each place, to the postings given (a hiring for each)."""
    who = Applicant(seeker.name, seeker.email, seeker)
    review, talks = (S.IN_REVIEW,), (S.IN_REVIEW, S.INTERVIEW)
    paths = (talks, (S.IN_REVIEW, S.REJECTED), review, (), (*talks, S.OFFER))
    for number, (hiring, posting, path) in enumerate(zip(hirings, postings, paths, strict=True)):
        hiring.apply(posting, who, path, 0.25 + 0.1 * number)


def remember(maker: Maker, seeker: Actor, postings: Sequence[Posting]) -> None:
    """Postings the seeker saved, one every few hours."""
    for number, posting in enumerate(postings):
        def act(now: datetime, posting: Posting = posting) -> None:
            save(maker.session, seeker.user_id or 0, posting.id, now)

        maker.at(maker.now - timedelta(hours=5 * number + 1), act)
