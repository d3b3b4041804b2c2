"""How many bytes a thing holds, with all that hangs on it."""

import gc
import sys
from collections.abc import Iterable
from typing import Any

import numpy as np
from pyroaring import BitMap

_PLAIN = (list, tuple, dict, set, frozenset, str, bytes, int, float)


def weight(things: Iterable[Any], package: str) -> int:
    """Bytes of these things and what they refer to: plain containers, arrays, bitmaps and objects of a package."""
    seen: set[int] = set()
    waiting, total = list(things), 0
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, np.ndarray):
            total += sys.getsizeof(thing) if thing.base is None else 0
            waiting += [thing.base] if thing.base is not None else []
        elif isinstance(thing, BitMap):
            total += _of_bitmap(thing)
        elif isinstance(thing, _PLAIN) or type(thing).__module__.startswith(package):
            total += sys.getsizeof(thing)
            waiting += [held for held in gc.get_referents(thing) if not isinstance(held, type)]
    return total


def _of_bitmap(bits: BitMap) -> int:
    facts = bits.get_statistics()
    held = facts["n_bytes_array_containers"] + facts["n_bytes_run_containers"] + facts["n_bytes_bitset_containers"]
    return held + 16 * facts["n_containers"] + 64
