"""Reports: anybody may say a posting does not belong here; three independent voices freeze it, an admin decides."""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.actor import SYSTEM, Actor
from app.core.errors import Conflict, Gone, Invalid
from app.domain.audit import queries as audit
from app.domain.audit.services import record
from app.domain.postings.models import LONGEST_REPORT, Posting, Report, ReportOutcome, ReportReason
from app.domain.postings.moderation import locked
from app.domain.postings.queries import is_live, once_public
from app.domain.postings.reports import case_of, frozen_by_reports
from app.domain.postings.services.moderation import admin_act
from app.domain.postings.services.moving import check_version, touch

FREEZES_AT = 3
"""How many independent reports freeze a posting."""
WITHIN = timedelta(days=30)
"""How long a report speaks for freezing."""
ACTS = ("dismiss", "freeze", "remove")
"""Every decision an admin may take on the reports of a posting."""
_CLEARED = ("posting.unfreeze", "posting.published", "posting.reports_dismissed")


@dataclass(frozen=True, slots=True)
class Whence:
    """Where a report came from: keyed hashes of an address and of its network."""

    address: str
    network: str


def whence(key: bytes, posting_id: int, address: str) -> Whence:
    """What is kept of an address: hashes under `key` that say nothing outside this posting."""
    try:
        ip = ipaddress.ip_address(address)
        network = str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))
    except ValueError:
        network = address
    return Whence(_hashed(key, posting_id, address), _hashed(key, posting_id, network))


def _hashed(key: bytes, posting_id: int, what: str) -> str:
    return hmac.new(key, f"report:{posting_id}:{what}".encode(), hashlib.sha256).hexdigest()


def checked(reason: str, words: str) -> tuple[ReportReason | None, str, dict[str, str]]:
    """A reason and words as given, and the problems by field."""
    problems: dict[str, str] = {}
    words = words.replace("\r\n", "\n").strip()
    found = ReportReason(reason) if reason in list(ReportReason) else None
    if found is None:
        problems["reason"] = "Choose what is wrong with this job."
    if len(words) > LONGEST_REPORT:
        problems["words"] = f"Use {LONGEST_REPORT:,} characters at the most."
    elif found is ReportReason.OTHER and not words:
        problems["words"] = "Say in a sentence what is wrong."
    return found, words, problems


def report(
    session: Session, posting_id: int, actor: Actor, reason: ReportReason, words: str, come: Whence, now: datetime
) -> None:
    """Keep a report of a live posting; a second one of the same sender changes nothing while the first is open.

    Raises NotFound where it never was public, Gone where it is not live.
    """
    once_public(session, posting_id, now)
    posting = locked(session, posting_id)
    if not is_live(session, posting, now):
        raise Gone("This job is not on the board now, so there is nothing to report.")
    sender = f"user:{actor.user_id}" if actor.user_id is not None else come.address
    known = select(Report.id).where(
        Report.posting_id == posting_id, Report.sender == sender, Report.closed_at.is_(None)
    )
    if session.scalar(known) is not None:
        return
    session.add(
        Report(
            posting_id=posting_id, user_id=actor.user_id, sender=sender, network=come.network, reason=reason,
            words=words, created_at=now,
        )
    )
    session.flush()
    _freeze_where_many_say_so(session, posting, now)


def _freeze_where_many_say_so(session: Session, posting: Posting, now: datetime) -> None:
    cleared = audit.latest_act(session, ("posting", posting.id), _CLEARED, by_people=True)
    since = max(now - WITHIN, cleared.at) if cleared else now - WITHIN
    rows = session.execute(
        select(Report.user_id, Report.network).where(
            Report.posting_id == posting.id, Report.closed_at.is_(None), Report.created_at > since
        )
    ).all()
    accounts = {user_id for user_id, _ in rows if user_id is not None}
    at_home = {network for user_id, network in rows if user_id is not None}
    strangers = {network for user_id, network in rows if user_id is None} - at_home
    if len(accounts) + len(strangers) < FREEZES_AT:
        return
    posting.frozen_at = now
    record(
        session, SYSTEM, "posting.freeze", ("posting", posting.id), now, after=now.isoformat(),
        reason=f"{FREEZES_AT} independent reports",
    )
    touch(session, posting, now)


def decide(
    session: Session, posting: Posting, act: str, version: int, seen: int, actor: Actor, reason: str, now: datetime,
    posting_days: int,
) -> None:
    """Take one of `ACTS` on all open reports up to the id `seen`: one entry in the log. Repeated, it changes nothing.

    Dismissing unfreezes what the board froze by itself; what an admin froze stays frozen. `posting` is locked.
    Raises Conflict (fresh: the posting) where more reports came in, somebody decided otherwise or `version` is stale;
    Invalid where the act is unknown, illegal or lacks its reason.
    """
    if act not in ACTS:
        raise Invalid("There is no such act.", {"action": "Choose one of: " + ", ".join(ACTS) + "."})
    outcome = ReportOutcome.DISMISSED if act == "dismiss" else ReportOutcome.UPHELD
    case = case_of(session, posting.id)
    if case is None:
        if _decided(session, posting.id) is outcome and (act != "remove" or posting.status == "removed"):
            return
        raise Conflict("These reports were decided already.", fresh=posting)
    if case.last > seen:
        raise Conflict("More reports came in since you looked.", fresh=posting)
    _carry_out(session, posting, act, version, actor, reason, now, posting_days)
    session.execute(
        update(Report)
        .where(Report.posting_id == posting.id, Report.closed_at.is_(None), Report.id <= seen)
        .values(closed_at=now, outcome=outcome)
    )


def _carry_out(
    session: Session, posting: Posting, act: str, version: int, actor: Actor, reason: str, now: datetime,
    posting_days: int,
) -> None:
    own = posting.frozen and bool(frozen_by_reports(session, [posting.id]))
    if act == "remove":
        admin_act(session, posting, "remove", version, actor, reason, now, posting_days)
    elif act == "freeze" and not posting.frozen:
        admin_act(session, posting, "freeze", version, actor, reason, now, posting_days)
    elif act == "dismiss" and own:
        admin_act(session, posting, "unfreeze", version, actor, reason, now, posting_days)
    else:
        check_version(posting, version)
        entry = "posting.reports_dismissed" if act == "dismiss" else "posting.reports_upheld"
        record(session, actor, entry, ("posting", posting.id), now, reason=reason.strip()[:LONGEST_REPORT])


def _decided(session: Session, posting_id: int) -> ReportOutcome | None:
    """How the reports of a posting without open ones were decided last."""
    latest = select(Report.outcome).where(Report.posting_id == posting_id).order_by(Report.closed_at.desc())
    return session.scalar(latest.order_by(Report.id.desc()).limit(1))
