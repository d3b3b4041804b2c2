"""The index held against plain SQL, from outside: processes that change the board through the product's own services,
and others that ask both about one moment.
"""
