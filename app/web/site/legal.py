"""The pages the law asks for, as the operator wrote them."""

from flask import render_template

from app.core.db import reading
from app.core.errors import NotFound
from app.domain.board.queries import LegalPage, legal_html
from app.web.outside import clean
from app.web.policy import PUBLIC, allow
from app.web.site import blueprint as bp


@bp.get("/legal/<page>")
@allow(PUBLIC)
def legal(page: str) -> str:
    """Imprint, privacy or terms; 404 while it has no text."""
    if page not in list(LegalPage):
        raise NotFound("This board has no such page.")
    shown = LegalPage(page)
    return render_template("site/legal.html", page=shown, text=clean(legal_html(reading(), shown)))
