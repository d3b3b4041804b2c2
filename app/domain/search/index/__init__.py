"""The index in each process: an ordinal for each posting in the list's order, packed columns, and sets of ordinals.

`reading` asks the database for facts, `columns` and `several` hold them, `board` brings them up to date, `sets` finds
which postings fulfil one condition, `asking` joins these as a listing asks, `ordering` and `counting` answer.
"""
