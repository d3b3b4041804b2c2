"""Round yearly amounts a seeker may choose as the least pay, for each currency."""

_STEPS = tuple(thousand * 1000 for thousand in (20, 30, 40, 50, 60, 80, 100, 120, 150, 200))
_SCALES = {
    2: ("BGN",),
    3: ("AED", "BRL", "ILS", "MYR", "PLN", "QAR", "SAR"),
    5: ("CNY", "DKK", "HKD", "RON"),
    10: ("CZK", "MXN", "NOK", "SEK", "THB", "TWD", "UAH", "ZAR"),
    20: ("EGP", "ETB", "INR", "PHP", "TRY"),
    30: ("BDT", "KES", "PKR", "RUB"),
    100: ("AMD", "HUF", "ISK", "JPY"),
    200: ("ARS", "IQD", "NGN"),
    500: ("CLP", "KRW"),
    2000: ("COP",),
    5000: ("IDR", "VND"),
}
"""About how many units pay what one dollar pays; only to choose round steps, never to convert."""
_SCALE_OF = {currency: scale for scale, currencies in _SCALES.items() for currency in currencies}


def steps(currency: str) -> tuple[int, ...]:
    """The steps of a currency, rising, in major units a year."""
    return tuple(step * _SCALE_OF.get(currency, 1) for step in _STEPS)
