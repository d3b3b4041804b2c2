"""Finding postings: the analyser and the grammar, the one parser of filters, pages, totals and facets."""
