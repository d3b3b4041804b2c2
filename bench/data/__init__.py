"""The postings that are searched: real ones, and where a size needs more, new ones made of their sentences."""
