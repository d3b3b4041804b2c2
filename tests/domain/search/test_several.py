"""A fact of which a posting may have several values, held against a plain dictionary."""

import random

import numpy as np

from app.domain.search.index.several import Several

VALUES = range(1, 12)


def _some(chance: random.Random) -> tuple[int, ...]:
    return tuple(sorted(chance.sample(VALUES, chance.choice([0, 1, 1, 2, 3]))))


def _made(known: dict[int, tuple[int, ...]]) -> Several:
    pairs = [(ordinal, value) for ordinal, values in known.items() for value in values]
    random.Random(1).shuffle(pairs)
    ordinals, values = np.array(pairs, np.int64).reshape(-1, 2).T
    return Several.of_pairs(len(known), ordinals, values)


def _agree(several: Several, known: dict[int, tuple[int, ...]], chance: random.Random) -> None:
    ordinals, values = several.pairs()
    assert sorted(zip(ordinals.tolist(), values.tolist(), strict=True)) == [
        (ordinal, value) for ordinal in sorted(known) for value in known[ordinal]
    ]
    some = np.array(sorted(chance.sample(sorted(known), len(known) // 2)))
    counts = several.counts(some)
    for value in VALUES:
        expected = sum(value in known[ordinal] for ordinal in some.tolist())
        assert (counts[value] if value < len(counts) else 0) == expected
    wanted = np.zeros(6, bool)
    wanted[[2, 5]] = True
    for index, asked in ((slice(None), sorted(known)), (some, some.tolist())):
        assert several.holding(wanted, index).tolist() == [bool({2, 5} & set(known[one])) for one in asked]
        assert several.having(5, index).tolist() == [5 in known[one] for one in asked]


def test_it_says_what_it_was_told_however_often_that_changes() -> None:
    chance = random.Random(5)
    known = {ordinal: _some(chance) for ordinal in range(60)}
    several = _made(known)
    _agree(several, known, chance)
    for _ in range(40):
        for _ in range(5):
            ordinal = chance.randint(0, len(known))
            known[ordinal] = _some(chance)
            several.put(ordinal, known[ordinal])
        _agree(several, known, chance)


def test_a_posting_that_changes_again_and_again_takes_one_row() -> None:
    several = _made({0: (1, 2), 1: (3,)})
    for _ in range(50):
        several.put(1, (4, 5))
        several.put(0, (5, 6, 7))
    assert len(several._newer) == 2
    assert several.counts(np.array([0, 1])).tolist() == [0, 0, 0, 0, 1, 2, 1, 1]


def test_nothing_is_nothing() -> None:
    several = _made({})
    assert [array.tolist() for array in several.pairs()] == [[], []]
    assert several.counts(np.array([], np.int64)).sum() == 0
