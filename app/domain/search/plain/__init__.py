"""Finding by plain SQL, on either engine: what answers where the index cannot, and what it is held against."""
