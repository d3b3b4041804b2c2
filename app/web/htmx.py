"""Speaking htmx 4: who asks, what to swap besides, where to go."""

from flask import Flask, Response, make_response, redirect, request
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as Answer

VARY = ("HX-Request", "HX-Request-Type", "HX-History-Restore-Request")


def is_htmx() -> bool:
    """Whether a script swaps the answer into a page."""
    return request.headers.get("HX-Request") == "true"


def partial(target: str, html: str, swap: str = "innerHTML") -> Markup:
    """Another region of the page travelling with the answer. `target` is a CSS selector; `html` is already safe."""
    start = f'<hx-partial hx-target="{escape(target)}" hx-swap="{escape(swap)}">'
    return Markup(f"{start}{html}</hx-partial>")  # noqa: S704  rendered by Jinja with escaping on


def toast(message: str, kind: str = "ok") -> Markup:
    """A message for `#toasts`, travelling with the answer."""
    return partial("#toasts", Markup('<p class="toast toast-{}">{}</p>').format(kind, message), "beforeend")


def answer(html: str, *partials: Markup, status: int = 200) -> Response:
    """A rendered fragment for the target, and other regions with it."""
    return make_response("".join([html, *partials]), status)


def go(url: str, status: int = 303) -> Answer:
    """Send the person on: HX-Redirect for htmx, 303 for a plain browser. `url` is one of ours."""
    if is_htmx():
        answer: Response = make_response("", 200)
        answer.headers["HX-Redirect"] = url
        return answer
    return redirect(url, status)


def install(app: Flask) -> None:
    @app.after_request
    def _vary(answer: Response) -> Response:
        if answer.mimetype == "text/html":
            answer.vary.update(VARY)
        return answer
