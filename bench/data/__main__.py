"""`python -m bench.data 10000 sqlite postgresql`: make databases that are wanted later."""

import sys

from bench import where
from bench.data import store
from bench.workload import workload

if __name__ == "__main__":
    size, *engines = sys.argv[1:]
    store.lower_priority()
    workload()
    for engine in engines or where.ENGINES:
        print(store.ready(engine, size), flush=True)
