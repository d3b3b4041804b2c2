"""`python -m bench.fill naive sqlite 10000`: what a peer or the reference engine needs, made where there is none."""

import sys

from bench import searching, systems

if __name__ == "__main__":
    name, engine, size = sys.argv[1:]
    if name == "tantivy":
        searching.fill(size)
    else:
        systems.fill_peer(name, engine, size)
