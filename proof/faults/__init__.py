"""The fault plan: what is done to the board, and what must be seen."""
