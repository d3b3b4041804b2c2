"""The public site: home, listing, posting, company, applying, signing in, /me."""

from flask import Blueprint

blueprint = Blueprint("site", __name__)

from app.web.site import (  # routes register themselves
    accounts as accounts,
)
from app.web.site import (
    applying as applying,
)
from app.web.site import (
    companies as companies,
)
from app.web.site import (
    files as files,
)
from app.web.site import (
    home as home,
)
from app.web.site import (
    listing as listing,
)
from app.web.site import (
    me as me,
)
from app.web.site import (
    posting as posting,
)
from app.web.site import (
    saved as saved,
)
