"""Looks at the feeds that are due, one after the other: asked outside any transaction, taken in by small ones."""

import hashlib
import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from app.core.db import Session, reading, transaction
from app.core.errors import Conflict
from app.domain.board.queries import standing
from app.domain.imports import services as imports
from app.domain.imports.fetching import Fetched, Unfetched, fetch
from app.domain.imports.readers import FORMATS, UnknownFormat, damage_of, format_of
from app.domain.imports.services import LeaseLost, Looking, Options, Prepared, Run, Seen
from app.worker.shifts import Shift

PATIENCE = timedelta(seconds=20)
"""How long a round of the sweep begins new looks: mail that falls due meanwhile waits behind them."""
AT_ONCE = 50
"""Postings closed or opened in one transaction."""
_log = logging.getLogger("nexus.worker")


def look_at_sources(shift: Shift) -> Counter[str]:
    """Look at every feed that is due, or at those that a hurried round has time for; a failure is the feed's own."""
    counts: Counter[str] = Counter()
    over = shift.now() + PATIENCE
    while not shift.stopping() and not (shift.stretch is not None and shift.now() >= over):
        with transaction() as session:
            looking = imports.claim(session, shift.now())
        if looking is None:
            break
        counts[_looked_at(looking, shift)] += 1
        shift.tell(counts.total())
    return counts


def _looked_at(looking: Looking, shift: Shift) -> str:
    """What became of one look, in a word."""
    look = Look(looking, shift)
    try:
        with tempfile.TemporaryDirectory() as folder:
            return look.take(Path(folder))
    except LeaseLost:
        return "left to others"
    except Unfetched as error:
        why = str(error)
    except Conflict as error:
        why = error.message
    except Exception:
        _log.exception("source %s could not be taken in", looking.id)
        why = "Something went wrong here, not there; the log tells more."
    shift.waits.append(f"{looking.url}: {why}")
    try:
        with transaction() as session:
            imports.failed(session, look.looking, why, shift.now())
    except LeaseLost:
        return "left to others"
    return "failed"


@dataclass
class Look:
    """One look at one feed. Its lease begins anew with every batch."""

    looking: Looking
    shift: Shift

    def take(self, folder: Path) -> str:
        """Ask for the feed and take in what came. Raises Unfetched, LeaseLost, Conflict."""
        looking = self.looking
        fetched = fetch(
            looking.url, folder, self.shift.settings.may_reach, etag=looking.etag, last_modified=looking.last_modified
        )
        digest = looking.digest or ""
        if fetched.path is not None:
            with fetched.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        if fetched.path is None or digest == looking.digest:
            with transaction() as session:
                imports.unchanged(session, looking, fetched, self.shift.now())
            return "unchanged"
        self._take_whole(fetched, fetched.path, digest)
        return "taken in"

    def _take_whole(self, fetched: Fetched, path: Path, digest: str) -> None:
        written_as = self._read_to_its_end(path)
        seen = Seen()
        run = self._rows(path, written_as, seen)
        weighed = imports.weigh(reading(), self.looking, seen, self.shift.now())
        closed = self._in_small(weighed.judgement.gone, imports.close_gone)
        opened = self._in_small(weighed.returned, imports.open_returned)
        with transaction() as session:
            imports.conclude(
                session, self.looking, run, weighed, fetched, digest, closed=closed, opened=opened,
                read_as=written_as, now=self.shift.now(),
            )

    def _read_to_its_end(self, path: Path) -> str:
        """The feed's format, once it is sure that it can be read whole: half a feed changes nothing.

        Raises Unfetched.
        """
        looking = self.looking
        try:
            written_as = format_of(path, looking.format or None)
        except UnknownFormat:
            if not looking.read_as:
                raise Unfetched(
                    damage_of(path) or "What came is in none of the formats that are read here."
                ) from None
            written_as = looking.read_as
        for entry in FORMATS[written_as].read(path):
            if entry.breaks_off:
                raise Unfetched(f"It cannot be read to its end ({written_as}): {entry.reason}")
        return written_as

    def _rows(self, path: Path, written_as: str, seen: Seen) -> Run:
        looking, shift = self.looking, self.shift
        days = standing(reading(), shift.settings).posting_days
        options = Options(looking.publish, False, days, looking.company_id)
        with transaction() as session:
            held = imports.hold(session, looking, shift.now())
            run = imports.begin_look(session, looking, written_as, shift.now())
        self.looking = held
        entries = FORMATS[written_as].read(path)
        while batch := imports.prepare(islice(entries, imports.BATCH), run, options):
            with transaction() as session:
                held = imports.hold(session, self.looking, shift.now())
                run = imports.take(session, run, batch, options, shift.now(), seen.shown)
            self.looking = held
            _note_refused(batch, seen)
        return run

    def _in_small(self, ids: list[int], act: Callable[[Session, Looking, Sequence[int], datetime], int]) -> int:
        """Do one thing to some postings, a few in a transaction; answers to how many it was done."""
        done = 0
        for start in range(0, len(ids), AT_ONCE):
            with transaction() as session:
                held = imports.hold(session, self.looking, self.shift.now())
                done += act(session, held, ids[start : start + AT_ONCE], self.shift.now())
            self.looking = held
        return done


def _note_refused(batch: Iterable[Prepared], seen: Seen) -> None:
    """A row that was refused is there all the same, if it says who it is."""
    for row in batch:
        if row.posting is None and row.named:
            seen.named.add(row.named)
        elif row.posting is None:
            seen.unnamed += 1
