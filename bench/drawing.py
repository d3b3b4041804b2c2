"""Drawing the workload from the real postings."""

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from bench.data import real
from bench.data.real import Real
from bench.nasty import MOST_WORDS, nasty
from bench.workload import Workload

COLD = 24
"""Words to be asked once by a process that never met them, for each of two uses."""
_WORD = re.compile(r"[a-z]{4,14}")
_SAMPLE = 20_000
_STRATA = ((5, 100), (100, 1_000), (1_000, 6_000))
"""In how many bodies of the sample words stand that are asked cold: rare ones, middling ones, frequent ones."""


def drawn() -> Workload:
    """The bench's own."""
    return made(real.distinct(real.postings()))


def made(rows: Sequence[Real], seed: int = 7, size: int = 200) -> Workload:
    """The workload that these postings give rise to."""
    dice = random.Random(seed)
    titles = _commonest(word for row in rows for word in set(_words(row.title)))
    bodies = Counter(word for row in rows[:_SAMPLE] for word in set(_words(row.text)))
    cold = _cold(dice, bodies)
    rare = sorted(word for word, number in bodies.items() if 5 <= number <= 50 and word not in cold)
    mix = [_search(dice, titles, rare, rows) for _ in range(size)]
    facets = {
        "type": _commonest(row.type for row in rows if row.type),
        "workplace": ["on_site", "hybrid", "remote"], "experience": ["entry", "mid", "senior", "lead"],
        "category": _commonest(row.category for row in rows),
        "country": _commonest(slug[-2:].upper() for row in rows for slug in row.places),
        "company": _commonest(_slug(row.company) for row in rows if row.company),
    }  # fmt: skip
    often = [word for word, _ in bodies.most_common(MOST_WORDS)]
    return Workload(mix, cold[::2], cold[1::2], nasty(often, facets) if len(often) == MOST_WORDS else {})


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _commonest(values: Iterable[str]) -> list[str]:
    return [value for value, _ in sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))]


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:70]


def _cold(dice: random.Random, bodies: Counter[str]) -> list[str]:
    """Words of every frequency of which no two share a stem, as far as their beginnings tell."""
    found: dict[str, str] = {"engin": ""}
    for least, most in _STRATA:
        words = sorted(word for word, number in bodies.items() if least <= number < most)
        dice.shuffle(words)
        fresh = {word[:5]: word for word in words if word[:5] not in found}
        found |= dict(list(fresh.items())[: 2 * COLD // len(_STRATA)])
    cold = [word for word in found.values() if word]
    dice.shuffle(cold)
    return cold


def _search(dice: random.Random, titles: list[str], rare: list[str], rows: Sequence[Real]) -> str:
    """One realistic listing, such that some posting may fit: words, often, and filters, mostly one or two."""
    like = dice.choice(rows)
    args: list[tuple[str, str]] = []
    own = _words(like.title) or titles[:1]
    kind = dice.random()
    if kind < 0.30:
        args.append(("q", dice.choice(titles[:40])))
    elif kind < 0.50:
        args.append(("q", " ".join(dict.fromkeys((dice.choice(titles[:40]), dice.choice(own))))))
    elif kind < 0.60 and rare:
        args.append(("q", dice.choice(rare)))
    elif kind < 0.70:
        args.append(("q", f'"{" ".join(own[:2])}"'))
    elif kind < 0.75:
        args.append(("q", f"{dice.choice(titles[:40])} -{dice.choice(titles[:40])}"))
    elif kind < 0.80:
        args.append(("q", f"{dice.choice(titles[:100])[:4]}*"))
    filters = _filters(dice, like)
    dice.shuffle(filters)
    for chosen in filters[: dice.choice((0, 1, 1, 2, 2, 3)) or (0 if args else 1)]:
        args += chosen
    return urlencode(args)


def _filters(dice: random.Random, like: Real) -> list[list[tuple[str, str]]]:
    """The filters that a posting like this one meets, most of them."""
    found = [[("workplace", like.workplace)], [("category", like.category)]]
    found.append([("posted_within", str(dice.choice((1, 3, 7, 14, 30))))])
    if like.type:
        found.append([("type", like.type)])
    if like.experience:
        found.append([("experience", like.experience)])
    if like.places:
        place = dice.choice(like.places)
        found.append([("place", place), ("radius_km", str(dice.choice((10, 25, 50, 50, 100))))])
        found.append([("country", place[-2:].upper())])
    if like.pay and like.pay[3] == "year":
        found.append([("salary_min", str(max(1_000, like.pay[1] // 200_000 * 1_000))), ("currency", like.pay[2])])
    if like.company and dice.random() < 0.3:
        found.append([("company", _slug(like.company))])
    return found
