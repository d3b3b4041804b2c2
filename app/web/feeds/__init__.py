"""What others subscribe to and crawl: feeds of any listing, Indeed's XML, the sitemap, a posting as JSON."""

from flask import Blueprint

blueprint = Blueprint("feeds", __name__)

from app.web.feeds import indeed, listing, posting, sitemap  # noqa: F401  routes register themselves
