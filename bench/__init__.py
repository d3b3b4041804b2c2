"""How fast search is, beside what else could have been built: `make bench SIZE=10000|100000|1000000`.

Everything runs on one machine over the same postings: this product on both engines, by its index and by plain SQL;
two boards in the plain idiom of their frameworks; a search engine as reference; a view that says nothing as the floor.
"""
