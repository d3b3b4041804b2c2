"""Places: what location strings and seekers' words mean, from a table of GeoNames (CC BY 4.0, see NOTICE).

Nothing here touches the database. The table loads once, on first use, and is read-only.
"""

from app.domain.postings.gazetteer.resolving import Resolved, country_code, resolve, search
from app.domain.postings.gazetteer.table import Place, by_slug, label, load, suggest

__all__ = ["Place", "Resolved", "by_slug", "country_code", "label", "load", "resolve", "search", "suggest"]
