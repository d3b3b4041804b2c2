"""Countries by their codes."""

from functools import cache

from babel import Locale

_NO_COUNTRY = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


@cache
def territories() -> dict[str, str]:
    """Every country, as CLDR knows them: ISO 3166-1 alpha-2 code → name in English."""
    named = {str(code): str(name) for code, name in Locale("en").territories.items()}
    return {code: name for code, name in named.items() if len(code) == 2 and code not in _NO_COUNTRY}
