"""What the bench changes of the product holds for as long as it says."""

import subprocess
import sys

from bench.where import ROOT


def test_what_is_switched_off_for_good_stays_off() -> None:
    code = (
        "import sys; from app.core import clock; from app.domain.search.index.board import Board;"
        " from bench import product, where; before = Board.remember; product.for_good(product.memo(on=False));"
        " product.for_good(clock.stopped(where.NOW));"
        " sys.exit(Board.remember is before or clock.now() != where.NOW)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
