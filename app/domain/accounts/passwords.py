"""Passwords: argon2id, two hashes at once at the most, and the same time for people who do not exist."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.core.errors import Invalid

SHORTEST = 15
SHORTEST_OF_TWO = 8
"""Where a second factor is asked for too."""
LONGEST = 200
_BLOCKED = frozenset(
    {
        "password", "password1", "12345678", "123456789", "qwertyuiop", "iloveyou", "password123",
        "1q2w3e4r", "football", "baseball", "sunshine", "princess", "trustno1", "letmein1", "superman",
        "passwordpassword", "password1234567", "qwertyuiopasdfgh", "123456789012345", "1234567890123456",
        "iloveyouiloveyou", "letmeinletmeinletmein", "correcthorsebatterystaple", "adminadminadmin",
        "changemechangeme", "qwertyqwertyqwerty", "thisismypassword", "welcomewelcome123",
    }
)

hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_two = threading.BoundedSemaphore(2)
_dummy: str | None = None


def use_cheap_hashes() -> None:
    """Make hashing fast, for tests and nothing else."""
    global hasher, _dummy
    hasher, _dummy = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1), None


def hashed(password: str) -> str:
    """An argon2id hash (OWASP's minimum: 19 MiB, 2 passes, 1 lane)."""
    with _two:
        return hasher.hash(password)


def verify(stored: str | None, password: str) -> bool:
    """Whether `password` made `stored`; without a stored hash it costs the same and is False."""
    global _dummy
    if _dummy is None:
        _dummy = hashed("nobody has this password")
    with _two:
        try:
            hasher.verify(stored or _dummy, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
    return bool(stored)


def check_strength(password: str, *personal: str, second_factor: bool = False) -> None:
    """Raise Invalid where a password is short, long, well known or made of `personal` words.

    With a second factor eight characters do.
    """
    folded = password.casefold()
    problem = ""
    shortest = SHORTEST_OF_TWO if second_factor else SHORTEST
    if len(password) < shortest:
        problem = f"Use {shortest} characters or more. A few unrelated words do well."
    elif len(password) > LONGEST:
        problem = f"Use {LONGEST} characters at the most."
    elif folded in _BLOCKED or len(set(folded)) < 5 or folded in {word.casefold() for word in personal}:
        problem = "This password is easy to guess. A few unrelated words do well."
    if problem:
        raise Invalid("The password cannot be used.", {"password": problem})
