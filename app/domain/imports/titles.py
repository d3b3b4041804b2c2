"""A job's title, told from the line a feed gives for it."""

import re

from app.domain.imports.text import read_line

LONGEST = 200

_SMALL = """a an and as at by de der das die do da ds e en et for für i in la le mit na of on or oraz po the to und
von w with z ze"""
_ACRONYMS = """it hr qa ui ux sap sql php cnc rn rgn icu bi ai ml ceo cfo cto seo aws etl erp crm gis usa uk us eu
vp pm hgv lpn cna gs api"""
_small = frozenset(_SMALL.split())
_acronyms = frozenset(_ACRONYMS.split())

_hashtag = re.compile(r"(?<!\w)#([^\W\d]\w{2,})")
_GLUED = 15
_seam = re.compile(r"(?<=[a-zà-ÿ]{3})(?=[A-ZÀ-Þ][a-zà-ÿ])")
_particle = re.compile(r"(?<=[a-zà-ÿ]{4})(de|da|do|em)(?=[A-ZÀ-Þ])")
_word = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_role = re.compile(
    r"engineer|develop|designer|scientist|analyst|manager|architect|lead\b|devops|\bsre\b|intern\b|admin|director"
    r"|head of|programmer|research|specialist|consultant|writer|recruit|nurse|teacher|roles\b|positions|full.?stack"
    r"|front.?end|back.?end|\bc[te]o\b|\bqa\b|\bios\b|android|multiple|various|several|technician|assistant"
)
_not_a_role = re.compile(r"https?://|www\.|[$€£]\s?\d")
_hours = re.compile(r"^(?:full|part).?time\W*", re.IGNORECASE)


def _unglue(title: str) -> str:
    """`AdministradordeRedes` in its words; some sources lose the blanks of a title."""
    if not any(len(word) >= _GLUED and len(_seam.findall(word)) for word in title.split()):
        return title
    return " ".join(_seam.sub(" ", _particle.sub(r" \1 ", title)).split())


def _calm_word(found: re.Match[str]) -> str:
    word = found.group().lower()
    if word in _acronyms:
        return word.upper()
    return word if word in _small and found.start() else word[:1].upper() + word[1:]


def _from_header(line: str, company: str) -> str:
    """The role among the parts of a header such as `Company | Role | Place | Full-time`."""
    parts = [part for part in (_hours.sub("", part.strip()) for part in line.split("|")) if part]
    if line.count("|") < 2 or not parts:
        return line
    theirs = company.casefold()
    for part in parts:
        words = part.casefold()
        if words != theirs and _role.search(words) and not _not_a_role.search(words):
            return part
    return "Several roles" if theirs and parts[0].casefold().startswith(theirs[:20]) else line


def read_title(raw: str, company: str = "") -> str:
    """A job's title in one line of at most `LONGEST` characters; one shouted throughout is calmed down.

    `company` is who offers it, by which a header line that names everything is recognised.
    """
    line = read_line(_hashtag.sub(lambda found: " " + found[1].replace("_", " "), raw), LONGEST)
    title = _unglue(_from_header(line, company))
    letters = sum(letter.isalpha() for letter in title)
    return _word.sub(_calm_word, title) if title.isupper() and letters >= 12 and " " in title else title
