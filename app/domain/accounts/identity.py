"""What identifies a person: addresses, names and tokens in the form the database keeps."""

import base64
import hashlib
import hmac

from email_validator import EmailNotValidError, validate_email

from app.core.errors import Invalid
from app.core.lines import one_line

_FOREIGN = "Mail cannot be sent to an address with letters like é or ж before the @. Use another address."


def _normal(text: str) -> str | None:
    try:
        return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None


def checked_email(text: str) -> str:
    """The address in normal form, one that mail can be sent to. Raises Invalid with what is wrong with it."""
    email = _normal(text)
    if email is None:
        raise Invalid("The e-mail address cannot be used.", {"email": "Write an address like name@example.com."})
    if not email.rpartition("@")[0].isascii():  # few mail servers take these: a letter to one would never arrive
        raise Invalid("The e-mail address cannot be used.", {"email": _FOREIGN})
    return email


def email_key(email: str) -> str:
    """The folded form all spellings of one address share, its domain in Unicode or Punycode among them."""
    return (_normal(email) or email.strip()).casefold()


def same_mailbox(one: str, other: str) -> bool:
    """Whether mail to both reaches the same person. Having one key is not enough: ß folds to ss, in domains too."""
    return (_normal(one) or one.strip()).lower() == (_normal(other) or other.strip()).lower()


def token_hash(token: str) -> str:
    """What the database keeps of a token: its SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_again(board_key: bytes, named: str) -> str:
    """A token of 256 bits that can be told again though only its hash is kept: the HMAC-SHA256 of what it is named."""
    drawn = hmac.new(board_key, named.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(drawn).decode().rstrip("=")


def address_hash(email: str) -> str:
    """SHA-256 of an address in folded form: tells two addresses apart without keeping either."""
    return token_hash(email_key(email))


def checked_name(name: str) -> str:
    """A person's name as they write it, in one line. Raises Invalid when empty or over 120 characters."""
    name = one_line(name)
    if not name or len(name) > 120:
        raise Invalid("The name cannot be used.", {"name": "Write your name, in 120 characters at the most."})
    return name
