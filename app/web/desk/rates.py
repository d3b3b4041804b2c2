"""Applications in a hundred views, as the desk tells them."""

FEWEST_VIEWS = 20
"""Below this a rate says nothing."""


def rate(applications: int, views: int) -> str:
    """The rate; a dash where there are too few views to tell."""
    return f"{applications / views:.1%}" if views >= FEWEST_VIEWS else "—"


def made_of(applications: int, views: int) -> str:
    """What the rate is made of."""
    made = f"{applications:,} applications ÷ {views:,} views"
    return made if views >= FEWEST_VIEWS else f"{made}: under {FEWEST_VIEWS} views a rate says nothing"
