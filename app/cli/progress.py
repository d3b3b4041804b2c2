"""Progress on standard error."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click


def tracked(items: Sequence[Any], label: str) -> Iterator[Any]:
    """The items, with a progress bar while they are gone through."""
    with click.progressbar(items, label=label, file=sys.stderr) as bar:
        yield from bar
