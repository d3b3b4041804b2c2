"""What came from outside, as templates may print it."""

from markupsafe import Markup


def clean(html: str) -> Markup:
    """HTML that `core.html` made clean when it was written; the only user text printed as markup."""
    return Markup(html)  # noqa: S704


def link(url: str | None) -> str:
    """An address people may be led to; empty for any scheme but the web's."""
    return url if url is not None and url.startswith(("https://", "http://")) else ""
