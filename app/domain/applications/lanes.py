"""A company's own stages: added, renamed, ordered, archived. What one maps onto never changes."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.db import lock_rows
from app.core.errors import Conflict, Invalid, NotFound
from app.core.lines import one_line
from app.domain.applications.models import Application, ApplicationEvent, CompanyStage, Stage
from app.domain.applications.transitions import PARTED
from app.domain.audit.services import record
from app.domain.companies.models import Company

MOST_STAGES = 20
LONGEST_NAME = 60


def standing(session: Session, company_id: int) -> dict[int, int]:
    """How many applicants stand in each of a company's stages, where any does."""
    rows = session.execute(
        select(Application.company_stage_id, func.count())
        .join(CompanyStage, CompanyStage.id == Application.company_stage_id)
        .where(CompanyStage.company_id == company_id)
        .group_by(Application.company_stage_id)
    )
    return {own_id: number for own_id, number in rows if own_id}


def add_stage(session: Session, company_id: int, name: str, onto: str, actor: Actor, now: datetime) -> CompanyStage:
    """A new stage behind the others of its state. Raises Invalid for a name that is taken, empty or too long."""
    _locked(session, company_id)
    name = _checked(session, company_id, name, None)
    if onto not in [stage.value for stage in PARTED]:
        raise Invalid("It is not clear what the stage is part of.", {"stage": "Choose in review or interview."})
    held = session.scalars(select(CompanyStage.position).where(CompanyStage.company_id == company_id)).all()
    if len(held) >= MOST_STAGES:
        raise Invalid("There is no room for more stages.", {"name": f"{MOST_STAGES} at the most, archived ones too."})
    made = CompanyStage(
        company_id=company_id, name=name, name_key=name.casefold(), stage=Stage(onto), position=max(held, default=0) + 1
    )
    session.add(made)
    session.flush()
    record(session, actor, "stage.add", ("company_stage", made.id), now)
    return made


def change_stage(
    session: Session, company_id: int, stage_id: int, version: int, act: str, name: str, actor: Actor, now: datetime
) -> CompanyStage:
    """Rename, move up or down, archive, or bring back. Raises NotFound, Conflict (changed since), Invalid."""
    _locked(session, company_id)
    stage = session.scalar(
        select(CompanyStage)
        .where(CompanyStage.id == stage_id, CompanyStage.company_id == company_id)
        .with_for_update()
    )
    if stage is None:
        raise NotFound("There is no such stage.")
    if stage.version != version:
        raise Conflict("Somebody changed this stage since you looked. Here it is as it stands now.", stage)
    if act == "rename":
        stage.name = _checked(session, company_id, name, stage)
        stage.name_key = stage.name.casefold()
    elif act in ("up", "down"):
        _shift(session, stage, -1 if act == "up" else 1)
    elif act == "archive":
        stage.archived_at = stage.archived_at or now
    elif act == "restore":
        stage.archived_at = None
    else:
        raise Invalid("It is not clear what to do.", {"act": "Choose one of the buttons."})
    record(session, actor, f"stage.{act}", ("company_stage", stage.id), now)
    session.flush()
    return stage


def take_over(session: Session, company_id: int, into_id: int) -> None:
    """Give one company's stages to another, whose applicants theirs are now; both companies are held.

    One that the other has too, by name and meaning, becomes that one; one that only shares its name gets a number.
    """
    mine = select(CompanyStage.id).where(CompanyStage.company_id == company_id)
    in_them = select(Application.id).where(Application.company_stage_id.in_(mine)).order_by(Application.id)
    lock_rows(session, in_them)  # first, as whoever moves an applicant does
    stages = select(CompanyStage).order_by(CompanyStage.position, CompanyStage.id).with_for_update()
    theirs = {each.name_key: each for each in session.scalars(stages.where(CompanyStage.company_id == into_id))}
    last = max((each.position for each in theirs.values()), default=0)
    for stage in session.scalars(stages.where(CompanyStage.company_id == company_id)).all():
        same = theirs.get(stage.name_key)
        if same is not None and same.stage is stage.stage:
            same.archived_at = same.archived_at and stage.archived_at
            _become(session, stage, same)
            continue
        if same is not None:
            stage.name = _numbered(stage.name, theirs)
            stage.name_key = stage.name.casefold()
        last += 1
        stage.company_id, stage.position = into_id, last
        theirs[stage.name_key] = stage
    session.flush()


def _become(session: Session, stage: CompanyStage, same: CompanyStage) -> None:
    """All who stand or stood in `stage` are in `same`, and it is gone."""
    for table in (Application, ApplicationEvent):
        session.execute(
            update(table)
            .where(table.company_stage_id == stage.id)
            .values(company_stage_id=same.id)
            .execution_options(synchronize_session=False)
        )
    session.delete(stage)


def _numbered(name: str, taken: Mapping[str, CompanyStage]) -> str:
    """The name with the first number that makes it another."""
    numbered = (f"{name[:LONGEST_NAME - 5].rstrip()} ({number})" for number in range(2, 2 + len(taken) + 1))
    return next(each for each in numbered if each.casefold() not in taken)


def _shift(session: Session, stage: CompanyStage, by: int) -> None:
    """Change places with the neighbour; the first stays first, the last stays last."""
    peers = session.scalars(
        select(CompanyStage)
        .where(CompanyStage.company_id == stage.company_id, CompanyStage.stage == stage.stage)
        .order_by(CompanyStage.position, CompanyStage.id)
    ).all()
    at = peers.index(stage) + by
    if 0 <= at < len(peers):
        stage.position, peers[at].position = peers[at].position, stage.position


def _locked(session: Session, company_id: int) -> None:
    """One change of a company's stages at a time."""
    lock_rows(session, select(Company.id).where(Company.id == company_id))


def _checked(session: Session, company_id: int, name: str, stage: CompanyStage | None) -> str:
    name = one_line(name)
    if not name:
        raise Invalid("The stage has no name.", {"name": "Give it a name, such as Phone screen."})
    if len(name) > LONGEST_NAME:
        raise Invalid("This name cannot be taken.", {"name": f"{LONGEST_NAME} characters at the most."})
    same = select(CompanyStage.id).where(
        CompanyStage.company_id == company_id, CompanyStage.name_key == name.casefold()
    )
    if stage is not None:
        same = same.where(CompanyStage.id != stage.id)
    if session.scalar(same) is not None:
        raise Invalid("There is a stage of this name.", {"name": "Another stage has this name, an archived one."})
    return name
