"""The demo board: invented employers, an excerpt of USAJOBS, and people in the middle of applying."""

from app.demo.load import Loaded, is_loaded, load
from app.domain.accounts.demo import PASSWORD, SIGN_INS

__all__ = ["PASSWORD", "SIGN_INS", "Loaded", "is_loaded", "load"]
