from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.core.events import postings_changed
from app.domain.companies.models import Company, CompanyRole
from app.domain.imports.matching import Memory
from app.domain.imports.models import ImportLink, ImportProblem, ImportRun, LinkKind
from app.domain.imports.readers import Entry
from app.domain.imports.services import Options, begin, finish, prepare, rehearsal, rehearse, take
from app.domain.postings.models import Category, Posting, PostingStatus
from tests.domain.imports.rows import BODY, row

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
NEW = Options(publish=True, as_new=True, posting_days=60)


def bring(session, *rows, options=NEW, now=NOW, digest="d"):
    """Import rows (dicts, or sentences of refusal) in one batch; answers what became of them."""
    run = begin(session, "bridges.jsonl", "jsonl", digest, options, now)
    entries = [Entry(n, r, None) if isinstance(r, dict) else Entry(n, None, r) for n, r in enumerate(rows, 1)]
    run = take(session, run, prepare(entries, run, options), options, now)
    finish(session, run, now)
    session.expire_all()
    return {name: count for name, count in run.counts.items() if count}


def postings(session):
    return list(session.scalars(select(Posting).order_by(Posting.id)))


def test_a_row_becomes_a_posting_with_all_that_hangs_on_it(session):
    assert bring(session, row()) == {"kept": 1}
    (posting,) = postings(session)
    assert (posting.status, posting.slug) == (PostingStatus.PUBLISHED, "bridge-builder-1")
    assert (posting.company.name, posting.category.slug) == ("Bridges of B", "construction")
    assert [place.place.slug for place in posting.places] == ["berlin-de"]
    assert [(c.country, c.eligible) for c in posting.countries] == [("DE", False)]
    assert (posting.salary_min, posting.salary_year_max, posting.salary_currency) == (4_000_000, 5_000_000, "EUR")
    assert posting.place_label == "Berlin, Germany"
    assert posting.apply_url == "https://bridges.example/1"


def test_the_second_time_nothing_changes(session):
    rows = [row(n) for n in range(1, 6)]
    bring(session, *rows)
    before = [(posting.id, posting.version, posting.updated_at) for posting in postings(session)]
    assert bring(session, *rows, now=NOW + timedelta(days=1)) == {"unchanged": 5}
    assert [(posting.id, posting.version, posting.updated_at) for posting in postings(session)] == before


def test_a_change_at_the_source_is_taken_over_and_moderation_stays(session):
    bring(session, row())
    (posting,) = postings(session)
    session.execute(Posting.__table__.update().values(frozen_at=NOW, slug="fixed"))
    first = posting.published_at
    changed = row(title="Bridge mender", location="Hamburg, Germany", salary_raw="€45k - €55k")
    assert bring(session, changed, now=NOW + timedelta(days=2)) == {"updated": 1}
    (posting,) = postings(session)
    assert (posting.title, posting.place_label) == ("Bridge mender", "Hamburg, Germany")
    assert (posting.salary_max, posting.version) == (5_500_000, 2)
    assert (posting.slug, posting.published_at, posting.frozen_at) == ("fixed", first, NOW)


def test_exact_repeats_are_linked_and_not_listed(session):
    assert bring(session, row(), row(source_id="other"), row(source="elsewhere", source_id="x")) == {
        "kept": 1, "duplicates": 2,
    }  # fmt: skip
    assert len(postings(session)) == 1
    kinds = session.scalars(select(ImportLink.kind).order_by(ImportLink.id))
    assert list(kinds) == [LinkKind.OWN, LinkKind.REPEAT, LinkKind.REPEAT]
    assert bring(session, row(source_id="third"), now=NOW + timedelta(days=1)) == {"duplicates": 1}


def test_a_repeat_of_an_ended_posting_is_a_repost(session):
    bring(session, row())
    assert bring(session, row(source_id="again"), now=NOW + timedelta(days=90)) == {"kept": 1}
    old, new = postings(session)
    assert (new.reposted_from_id, new.times_reposted) == (old.id, 1)


def test_a_repeat_that_comes_to_speak_for_itself_gets_its_posting(session):
    bring(session, row(), row(source_id="other"))
    mine = row(source_id="other", title="Tunnel digger", description="Another text altogether, about tunnels. " * 3)
    assert bring(session, mine, now=NOW + timedelta(days=1)) == {"kept": 1}
    assert [posting.title for posting in postings(session)] == ["Bridge builder 1", "Tunnel digger"]
    assert bring(session, mine, now=NOW + timedelta(days=2)) == {"unchanged": 1}


def test_near_repeats_of_one_company_are_linked_and_listed(session):
    near = row(source_id="near", description=BODY.format(number=1).replace("spring", "autumn"))
    foreign = row(source_id="far", company="Somebody else", description=BODY.format(number=1) + " Truly.")
    assert bring(session, row(), near, foreign) == {"kept": 3}
    one, two, three = postings(session)
    assert (one.similar_to_id, two.similar_to_id, three.similar_to_id) == (None, one.id, None)


def test_rows_without_ids_are_told_by_their_content(session):
    assert bring(session, row(1, source_id=None), row(2, source_id="")) == {"kept": 2}
    assert bring(session, row(2, source_id=None), row(1, source_id=None)) == {"unchanged": 2}


def test_an_id_that_comes_back_for_another_job_makes_another_posting(session):
    other = row(company="Nightwatch", title="Night nurse", description="You watch over those who sleep. " * 4)
    assert bring(session, row(), other) == {"kept": 2}
    assert bring(session, row(), other, now=NOW + timedelta(days=1)) == {"unchanged": 2}
    assert {posting.title for posting in postings(session)} == {"Bridge builder 1", "Night nurse"}


def test_one_id_twice_in_a_batch_is_an_update(session):
    assert bring(session, row(), row(salary_raw="€60k")) == {"kept": 1, "updated": 1}
    (posting,) = postings(session)
    assert posting.salary_max == 6_000_000


def test_refusals_are_kept_with_line_and_reason(session):
    assert bring(session, row(), "The line holds no JSON object.", row(3, title="")) == {"kept": 1, "rejected": 2}
    found = session.execute(select(ImportProblem.line, ImportProblem.reason).order_by(ImportProblem.line)).all()
    assert found == [(2, "The line holds no JSON object."), (3, "The row has no title.")]


def test_without_publish_everything_waits_for_review(session):
    bring(session, row(), options=Options(publish=False, as_new=True, posting_days=60))
    (posting,) = postings(session)
    assert (posting.status, posting.slug) == (PostingStatus.PENDING, None)


def test_what_is_over_already_is_kept_as_expired(session):
    dated = Options(publish=True, as_new=False, posting_days=60)
    bring(session, row(date_posted="2016-04-01", valid_through="2016-04-30"), options=dated)
    (posting,) = postings(session)
    assert posting.status is PostingStatus.EXPIRED
    assert posting.published_at == datetime(2016, 4, 1, tzinfo=UTC)


def test_rows_posted_as_new_keep_the_order_of_the_file(session):
    bring(session, *(row(n) for n in range(1, 40)))
    moments = [posting.published_at for posting in postings(session)]
    assert moments == sorted(set(moments)) and moments[-1] <= NOW


def test_companies_are_recognised_by_their_folded_name(session):
    named = ["Müller  Brücken", "MÜLLER BRÜCKEN", "Muller-Brucken"]
    bring(session, *(row(number, company=name) for number, name in enumerate(named)))
    names = session.scalars(select(Company.name).order_by(Company.id))
    assert list(names) == ["Müller Brücken", "Muller-Brucken"]
    assert len(set(session.scalars(select(Company.slug)))) == 2


def test_whoever_signs_up_under_a_known_name_gets_none_of_its_postings(board, app):
    taken = board.company("Bridges of B")
    board.member(taken.id, "quick@example.org", CompanyRole.OWNER.value)
    trusted = board.company("Bridges of C", trusted=True)
    board.member(trusted.id, "known@example.org", CompanyRole.OWNER.value)
    with board.writing() as session:
        bring(session, row(1), row(2))
        companies = [posting.company_id for posting in postings(session)]
    assert taken.id not in companies and trusted.id in companies


def test_one_company_may_take_all_rows(board):
    own = board.company("Own")
    with board.writing() as session:
        bring(session, row(1), row(2), options=Options(True, True, 60, company_id=own.id))
        assert {posting.company_id for posting in postings(session)} == {own.id}


def test_a_new_board_gets_its_fields_of_work_and_keeps_its_own(session):
    bring(session, row())
    assert session.scalar(select(Category.position).where(Category.slug == "software")) == 0
    session.execute(Posting.__table__.update().values(category_id=None))
    session.execute(Category.__table__.delete().where(Category.slug != "software"))
    bring(session, row(2))
    assert list(session.scalars(select(Category.slug))) == ["software"]


def test_a_stopped_run_goes_on_where_it_was(session):
    entries = [Entry(n, row(n), None) for n in range(1, 5)]
    run = begin(session, "a", "jsonl", "bytes", NEW, NOW)
    take(session, run, prepare(entries[:2], run, NEW), NEW, NOW)
    later = NOW + timedelta(minutes=5)
    again = begin(session, "a", "jsonl", "bytes", NEW, later)
    assert (again.id, again.position, again.started_at, again.counts["kept"]) == (run.id, 2, NOW, 2)
    assert begin(session, "a", "jsonl", "bytes", Options(False, True, 60), later).id != run.id
    finish(session, take(session, again, prepare(entries[2:], again, NEW), NEW, later), later)
    done = session.get(ImportRun, run.id, populate_existing=True)
    assert (done.kept, done.position, done.finished_at) == (4, 4, later)
    assert begin(session, "a", "jsonl", "bytes", NEW, later).id != run.id


def test_others_hear_of_what_changed_in_the_same_transaction(session):
    heard = Counter()

    def hear(sender, *, posting_ids, **news):
        heard.update(posting_ids)

    with postings_changed.connected_to(hear):
        bring(session, row(1), row(2), row(1, source_id="repeat"))
        bring(session, row(1), row(2, salary_raw="€60k"))
    one, two = postings(session)
    assert heard == {one.id: 1, two.id: 2}


def test_a_rehearsal_says_the_same_and_writes_nothing(session):
    bring(session, row(1))
    rows = [row(1), row(2), row(2, source_id="repeat"), row(3)]
    run, memory = rehearsal(NOW), Memory()
    for n, one in enumerate(rows, 1):
        run = rehearse(session, run, prepare([Entry(n, one, None)], run, NEW), memory, NOW)
    assert {name: count for name, count in run.counts.items() if count} == {"unchanged": 1, "kept": 2, "duplicates": 1}
    assert len(postings(session)) == 1


@pytest.mark.parametrize("facts", [{"title": "日本語の仕事です、よろしく"}, {"title": "!1"}, {"location": "x" * 5_000}])
def test_odd_rows_fit_the_columns(session, facts):
    assert bring(session, row(**facts)) == {"kept": 1}
    assert postings(session)[0].slug
