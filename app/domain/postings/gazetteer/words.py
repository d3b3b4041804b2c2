"""Words of location strings that are no names of places: ways of working, groups of countries, fillers."""

import re


def _codes(joined: str) -> list[str]:
    return joined.split()


EU = _codes("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK")
EUROPE = [*EU, *_codes("AD AL BA BY CH FO GB GI IM IS JE GG LI MC MD ME MK NO RS SM UA VA XK")]
LATIN = _codes("AR BO BR BZ CL CO CR CU DO EC GT GY HN HT MX NI PA PE PR PY SR SV UY VE")
MIDDLE_EAST = _codes("AE BH EG IL IQ IR JO KW LB OM PS QA SA SY TR YE")
AFRICA = _codes(
    "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU "
    "MW MZ NA NE NG RW SC SD SL SN SO SS ST SZ TD TG TN TZ UG ZA ZM ZW"
)
ASIA = _codes(
    "AE AF AM AZ BD BH BN BT CN GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN "
    "MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE"
)
PACIFIC = _codes("AU FJ FM KI MH NR NZ PG PW SB TO TV VU WS")
APAC = [*_codes("BD BN BT CN HK ID IN JP KH KR LA LK MM MN MO MV MY NP PH PK SG TH TL TW VN"), *PACIFIC]
NORTH = ["CA", "MX", "US"]
SOUTH = _codes("AR BO BR CL CO EC GY PE PY SR UY VE")

GROUPS: dict[str, list[str]] = {
    "eu": EU, "european union": EU, "eu countries": EU, "eu only": EU, "e u": EU,
    "european union countries": EU,
    "eea": [*EU, "IS", "LI", "NO"], "europe": EUROPE, "european countries": EUROPE, "europa": EUROPE,
    "europe only": EUROPE, "continental europe": EUROPE,
    "western europe": _codes("AT BE CH DE FR IE GB LU MC NL LI"),
    "eastern europe": _codes("BG BY CZ HU MD PL RO SK UA"), "cee": _codes("BG CZ EE HR HU LT LV PL RO SI SK"),
    "central europe": _codes("AT CZ DE HU PL SI SK CH LI"),
    "southern europe": _codes("ES GR IT MT PT HR CY SI"),
    "northern europe": _codes("DK EE FI IS LT LV NO SE"),
    "emea": [*EUROPE, *MIDDLE_EAST, *AFRICA], "middle east": MIDDLE_EAST,
    "mena": [*MIDDLE_EAST, "DZ", "LY", "MA", "TN"],
    "gcc": _codes("AE BH KW OM QA SA"),
    "latam": LATIN, "latin america": LATIN, "south america": SOUTH,
    "central america": _codes("BZ CR GT HN NI PA SV"),
    "north america": NORTH, "northern america": NORTH, "na": NORTH, "noram": NORTH, "namer": NORTH,
    "amer": [*NORTH, *LATIN],
    "americas": [*NORTH, *LATIN], "the americas": [*NORTH, *LATIN],
    "dach": ["AT", "CH", "DE"], "dach region": ["AT", "CH", "DE"], "benelux": ["BE", "LU", "NL"],
    "nordics": _codes("DK FI IS NO SE"), "the nordics": _codes("DK FI IS NO SE"),
    "nordic countries": _codes("DK FI IS NO SE"),
    "scandinavia": ["DK", "NO", "SE"], "baltics": ["EE", "LT", "LV"], "baltic states": ["EE", "LT", "LV"],
    "uk and ireland": ["GB", "IE"], "uki": ["GB", "IE"], "iberia": ["ES", "PT"],
    "apac": APAC, "asia pacific": APAC, "asia": ASIA, "oceania": PACIFIC, "anz": ["AU", "NZ"], "apj": APAC,
    "southeast asia": _codes("BN ID KH LA MM MY PH SG TH TL VN"), "sea": _codes("ID MY PH SG TH VN"),
    "south asia": _codes("BD BT IN LK MV NP PK"), "africa": AFRICA,
    "cis": _codes("AM AZ BY KG KZ MD RU TJ UZ"),
}
WORLDWIDE = {
    "worldwide", "anywhere", "anywhere in the world", "global", "globally", "world", "world wide",
    "the world", "earth",
    "international", "internationally", "any country", "all countries", "all over the world", "everywhere",
    "planet earth",
    "anywhere on earth", "any location", "location independent", "gesamte welt", "weltweit",
}
REMOTE = re.compile(
    r"\b(?:(?:fully|full|100 ?%|all|mostly|partial|partially|part|also|optionally|hybrid)[ -])*"
    r"(?:remotely|remote|telecommut\w*|telework\w*|tele-?commute|work(?:ing)? (?:from|at) home|wfh|home[ -]?office"
    r"|home[ -]?based|praca zdalna|zdaln[aey]|zdalnie|remoto|teletrabajo|teletrabalho|télétravail|distributed|virtual)"
    r"(?:[ -](?:only|ok|okay|friendly|possible|first|preferred|available|considered|welcome|optional|option|work"
    r"|working|job|position|role|team|based|allowed|eligible|encouraged|within|anywhere|everywhere|from|for|in|to))*\b",
    re.IGNORECASE,
)
HYBRID = re.compile(r"\b(?:hybrid\w*|hybryd\w*|partial(?:ly)? remote|partly remote|flex office)\b", re.IGNORECASE)
LEADING = re.compile(
    r"^(?:(?:the|in|at|near|nr|from|within|based|located|locations?|offices?|hq|greater|metro|metropolitan|downtown"
    r"|central|(?:city|town|township|village|borough|county|region|republic) of|either|both|any|all|also|only"
    r"|preferably|ideally|commutable to|woj|gmina|powiat|area|on[ -]?site|in[ -]office|hybrid|or|and|and/or|various)"
    r"\b[.:]?\s*)+",
    re.IGNORECASE,
)
TRAILING = re.compile(
    r"(?:[\s,.-]+(?:area|metro|metropolitan|regions?|districts?|provinces?|department|county|city|city cent(?:re|er)"
    r"|state|marz|oblast|suburbs|vicinity|surrounding|offices?|hq|headquarters|campus|cent(?:re|er)|proper|only"
    r"|preferred|based|residents|citizens|nationwide|on[ -]?site|in[ -]person|hybrid|ideally|for now|time ?zones?"
    r"|hours|or|and|etc|zagranica|(?:ul|al|os|pl)\..*))+\.?$",
    re.IGNORECASE,
)
FILLER = {
    "", "onsite", "on site", "hybrid", "or", "and", "various", "various cities", "various locations", "multiple",
    "multiple locations", "flexible", "blank", "n a", "none", "other", "others", "nationwide", "bundesweit",
    "zagranica", "inne", "full time", "part time", "in office", "office", "only", "ok", "in", "for", "to", "of",
    "preferred", "possible", "friendly", "country", "not stated", "hours", "based", "but",
}
"""Parts that say nothing about where; not worth telling as unknown."""
COMMON = set(_codes(
    "mobile nice most split man van sale of data web cloud java scala ada python ruby go "
    "rust swift office engineer engineers senior junior lead manager sales marketing design designer "
    "backend frontend full stack time contract intern interns internship permanent visa salary equity "
    "startup product team home street park central north south east west airport hospital university "
    "college school church station industry media energy health security research developer developers "
    "software hardware technology technologies bank insurance travel enterprise independence liberty "
    "union normal hope best page date price bar spring summer winter autumn rock hill lake river bay "
    "valley sun moon golf art posts posta pole police march may august friday sunday monday opportunity "
    "job jobs work field center centre front end embedded linux oracle apollo mercury delta progress "
    "success experience science lab labs crypto blockchain gaming games "
    "downtown haskell kotlin continental friendly northwest northeast southwest southeast midwest "
    "unity react angular django "
    "rails node platform devops core studio universal imperial premier alert needles bonus"
))
"""Names of towns that are usually words: believed only beside a region or a country."""
JARGON = set(_codes("ai ar be cs et fe hr io it ml pm pr pt qa sde swe tv ui ux vr"))
"""Codes of countries that are usually jargon: believed only beside another place."""
