"""Sets of ordinals and arrays of them."""

from array import array

import numpy as np
from pyroaring import BitMap

from app.domain.search.index.reading import Array


def bitmap(ordinals: Array) -> BitMap:
    """A set of these ordinals."""
    packed = array("I")  # what BitMap reads fastest
    packed.frombytes(ordinals.astype(np.uint32).tobytes())
    return BitMap(packed)


def as_array(ordinals: BitMap) -> Array:
    """The ordinals of a set, rising. To be read only."""
    return np.frombuffer(ordinals.to_array(), np.uint32)
