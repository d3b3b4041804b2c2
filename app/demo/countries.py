"""Countries of the demo's employers: money, the level and custom of pay, leave, towns."""

from dataclasses import dataclass

from app.core.money import Period


@dataclass(frozen=True, slots=True)
class Country:
    """`level` is local currency a year for each US dollar a year of the same work in the United States."""

    currency: str
    level: float
    least: int
    """About the least that is paid for a year of full-time work."""
    leave: int
    """Days of paid leave one usually gets."""
    cities: tuple[str, ...]
    custom: Period = Period.YEAR
    """What salaried pay is stated for."""
    by_hour: bool = False
    """Whether manual and caring work is paid by the hour."""


def _towns(country: str, names: str) -> tuple[str, ...]:
    return tuple(f"{name.strip()}, {country}" for name in names.split(","))


MONTH = Period.MONTH
COUNTRIES = {
    "AT": Country("EUR", 0.58, 25_200, 25, _towns("Austria", "Vienna, Graz, Innsbruck"), MONTH),
    "AU": Country("AUD", 1.25, 49_000, 20, _towns("Australia", "Melbourne, Sydney, Brisbane, Hobart"), by_hour=True),
    "BR": Country("BRL", 1.5, 20_400, 30, _towns("Brazil", "São Paulo, Recife, Curitiba, Porto Alegre"), MONTH),
    "CA": Country("CAD", 1.0, 36_000, 15, _towns("Canada", "Toronto, Montréal, Vancouver, Halifax"), by_hour=True),
    "CH": Country("CHF", 0.98, 48_000, 25, _towns("Switzerland", "Geneva, Basel, Lausanne")),
    "CZ": Country("CZK", 9.2, 252_000, 25, _towns("Czechia", "Prague, Brno, Ostrava"), MONTH),
    "DE": Country(
        "EUR", 0.6, 27_000, 30, _towns("Germany", "Berlin, Hamburg, Munich, Leipzig, Cologne, Freiburg"), by_hour=True
    ),
    "DK": Country("DKK", 5.4, 290_000, 30, _towns("Denmark", "Copenhagen, Aarhus, Odense"), MONTH),
    "ES": Country("EUR", 0.41, 16_800, 23, _towns("Spain", "Madrid, Barcelona, Málaga, Bilbao")),
    "FR": Country("EUR", 0.47, 21_900, 25, _towns("France", "Paris, Lyon, Nantes, Lille, Strasbourg")),
    "GB": Country(
        "GBP", 0.52, 24_500, 25, _towns("United Kingdom", "London, Leeds, Bristol, Glasgow, Sheffield"), by_hour=True
    ),
    "IE": Country("EUR", 0.62, 27_500, 22, _towns("Ireland", "Dublin, Cork, Galway"), by_hour=True),
    "IN": Country("INR", 19.0, 240_000, 21, _towns("India", "Bengaluru, Pune, Chennai, Delhi, Hyderabad")),
    "IT": Country("EUR", 0.42, 18_000, 26, _towns("Italy", "Milan, Bologna, Turin"), MONTH),
    "JP": Country("JPY", 68.0, 2_300_000, 15, _towns("Japan", "Tokyo, Osaka, Kyoto, Fukuoka")),
    "KE": Country("KES", 17.0, 222_000, 21, _towns("Kenya", "Nairobi, Mombasa, Kisumu"), MONTH),
    "MX": Country("MXN", 5.6, 110_000, 14, _towns("Mexico", "Mexico City, Guadalajara, Monterrey"), MONTH),
    "NL": Country("EUR", 0.6, 28_000, 25, _towns("Netherlands", "Amsterdam, Utrecht, Rotterdam, Groningen"), MONTH),
    "NZ": Country("NZD", 1.1, 48_500, 20, _towns("New Zealand", "Auckland, Wellington, Christchurch"), by_hour=True),
    "PH": Country("PHP", 11.0, 200_000, 15, _towns("Philippines", "Manila, Cebu City, Davao"), MONTH),
    "PL": Country("PLN", 1.6, 56_400, 26, _towns("Poland", "Warsaw, Kraków, Gdańsk, Wrocław"), MONTH),
    "PT": Country("EUR", 0.35, 12_300, 22, _towns("Portugal", "Braga, Coimbra, Guimarães"), MONTH),
    "SE": Country("SEK", 5.3, 300_000, 27, _towns("Sweden", "Stockholm, Gothenburg, Malmö, Uppsala"), MONTH),
    "SG": Country("SGD", 0.95, 24_000, 18, _towns("Singapore", "Singapore"), MONTH),
    "US": Country(
        "USD", 1.0, 28_000, 20,
        ("Austin, TX", "Chicago, IL", "Denver, CO", "Portland, OR", "Boston, MA", "Atlanta, GA", "New York, NY"),
        by_hour=True,
    ),
    "ZA": Country("ZAR", 6.2, 62_000, 20, _towns("South Africa", "Cape Town, Johannesburg, Durban"), MONTH),
}

EUROPE = ("AT", "CZ", "DE", "DK", "ES", "FR", "IE", "IT", "NL", "PL", "PT", "SE")
NORTH_AMERICA = ("CA", "US")
