"""A second factor: an authenticator's code (RFC 6238) or a recovery code, each good once."""

import base64
import hmac
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Conflict, Invalid
from app.domain.accounts.identity import token_hash
from app.domain.accounts.models import RecoveryCode, SecondFactor, User
from app.domain.accounts.services.sessions import revoke_sessions
from app.domain.audit.services import record
from app.domain.mail.services import owe

CODES = 10
STEP = 30
_WRONG = "This code is not right, or was used already. Wait for the next one and try again."


def new_secret() -> str:
    """A secret for an authenticator: 160 random bits in Base32."""
    return pyotp.random_base32()


def enrolment_uri(secret: str, email: str, issuer: str) -> str:
    """What an authenticator scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def step_of(secret: str, otp: str, now: datetime) -> int | None:
    """The half-minute whose code this is, among the last, this and the next one."""
    digits = "".join(otp.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return None
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    near = (present, present - 1, present + 1)
    return next((step for step in near if hmac.compare_digest(totp.generate_otp(step), digits)), None)


def enrol(session: Session, user: User, secret: str, otp: str, actor: Actor, now: datetime) -> list[str]:
    """Turn the second factor on, once a code shows that the app has the secret. Answers the recovery codes, once.

    The other sessions end; the person is told. Raises Invalid where the code is wrong, Conflict where it is on.
    """
    if user.second_factor_at is not None:
        raise Conflict(
            "The second factor is on already. If you did not see the recovery codes, make new ones below the code."
        )
    step = step_of(secret, otp, now)
    if step is None:
        raise Invalid("The code is not right.", {"otp": "This code does not fit. Type the six digits shown now."})
    session.add(SecondFactor(user_id=user.id, secret=secret, last_step=step, created_at=now))
    user.second_factor_at = now
    revoke_sessions(session, user.id, now, keep=actor.session_id)
    _tell(session, user, "second-factor-on", actor, now)
    return new_codes(session, user, now)


def new_codes(session: Session, user: User, now: datetime) -> list[str]:
    """Ten new recovery codes, 80 bits each, shown once; the old ones are worthless."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [_code() for _ in range(CODES)]
    session.add_all(RecoveryCode(user_id=user.id, code_hash=_folded(code)) for code in codes)
    session.flush()
    return codes


def renew_codes(session: Session, user: User, otp: str, actor: Actor, now: datetime) -> list[str]:
    """Recovery codes anew. Raises Invalid where the code is wrong."""
    use(session, user.id, otp, now)
    record(session, actor, "account.recovery-codes", ("user", user.id), now)
    return new_codes(session, user, now)


def remove(session: Session, user: User, otp: str, actor: Actor, now: datetime) -> None:
    """Turn the second factor off; other sessions end, the person is told. Raises Invalid where the code is wrong."""
    use(session, user.id, otp, now)
    drop(session, user.id)
    user.second_factor_at = None
    revoke_sessions(session, user.id, now, keep=actor.session_id)
    _tell(session, user, "second-factor-off", actor, now)
    session.flush()


def drop(session: Session, user_id: int) -> None:
    """Forget the secret and the recovery codes."""
    session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def use(session: Session, user_id: int, otp: str, now: datetime) -> None:
    """Take a code of the app or a recovery code, once. Raises Invalid where it is neither, or was taken before."""
    if not (_use_app(session, user_id, otp, now) or _use_recovery(session, user_id, otp, now)):
        raise Invalid("The code is not right.", {"otp": _WRONG})


def _use_app(session: Session, user_id: int, otp: str, now: datetime) -> bool:
    factor = session.scalar(select(SecondFactor).where(SecondFactor.user_id == user_id))
    step = step_of(factor.secret, otp, now) if factor else None
    if step is None:
        return False
    taken = session.execute(
        update(SecondFactor)
        .where(SecondFactor.user_id == user_id, SecondFactor.last_step < step)
        .values(last_step=step)
        .returning(SecondFactor.id)
    )
    return taken.first() is not None


def _use_recovery(session: Session, user_id: int, otp: str, now: datetime) -> bool:
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id, RecoveryCode.code_hash == _folded(otp), RecoveryCode.used_at.is_(None)
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    )
    return used.first() is not None


def _code() -> str:
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, 16, 4))


def _folded(code: str) -> str:
    return token_hash("".join(code.split()).replace("-", "").lower())


def _tell(session: Session, user: User, template: str, actor: Actor, now: datetime) -> None:
    record(session, actor, f"account.{template}", ("user", user.id), now)
    key = f"{template}:{user.id}:{now.isoformat()}"
    owe(session, template, user.email, key, now, user_id=user.id)
