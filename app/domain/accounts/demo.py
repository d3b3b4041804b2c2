"""Who signs in on the demo board. Development only."""

from dataclasses import dataclass

PASSWORD = "nexus demo password"  # noqa: S105  printed on every start, refused in production


@dataclass(frozen=True, slots=True)
class SignIn:
    """One of the demo's people."""

    email: str
    name: str
    what: str


SEEKER = SignIn("seeker@nexus.example", "Mara Lindqvist", "looks for work, has applied and saved")
EMPLOYER = SignIn("employer@nexus.example", "Jonas Weber", "owns Northwind Energy, with applicants in every stage")
RECRUITER = SignIn("recruiter@nexus.example", "Amina Okafor", "recruits at Northwind Energy too")
RIVAL = SignIn("rival@nexus.example", "Victor Reyes", "owns Southgate Power, and sees nothing of Northwind's")
ADMIN = SignIn("admin@nexus.example", "Priya Raman", "keeps the board clean")
SIGN_INS = (SEEKER, EMPLOYER, RECRUITER, RIVAL, ADMIN)
