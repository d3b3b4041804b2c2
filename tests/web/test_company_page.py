"""The company's page as its owners write it, and its logo as everybody gets it."""

import io
import re
from typing import Any

import pytest

from app.core.files import UploadStore
from app.core.uploads import strays
from app.domain.companies.models import Company
from tests.domain.companies.test_logos import picture
from tests.factories import Board
from tests.web.people import Cast


@pytest.fixture
def cast(board: Board) -> Cast:
    return Cast(board)


def _company(cast: Cast) -> Company:
    with cast.board.reading() as session:
        company = session.get_one(Company, cast.company.id)
        session.expunge(company)
        return company


def _logo(cast: Cast, role: str = "owner", content: bytes | None = None, **more: Any) -> Any:
    fields = {"version": str(_company(cast).version), "logo": (io.BytesIO(content or picture()), "../../logo.png")}
    return cast.post(role, "/employer/company/logo", **fields | more)


def test_a_logo_is_shown_kept_for_good_and_replaced(cast: Cast) -> None:
    assert _logo(cast).status == 303
    key, anonymous = _company(cast).logo_key, cast.as_("anonymous")
    page = anonymous.get("/companies/northwind").get_data(as_text=True)
    found = re.search(r'<img class="monogram is-picture is-large" src="([^"]+)" alt="Logo of Northwind"', page)
    assert key and found and key not in page
    answer = anonymous.get(found[1])
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and "Set-Cookie" not in answer.headers
    assert anonymous.get(f"/companies/northwind/logo/{key[:16]}.png").status_code == 404
    assert anonymous.get(found[1].replace("northwind", "rival")).status_code == 404
    posting = anonymous.get(cast.posting.path).get_data(as_text=True)
    assert f'"logo": "http://127.0.0.1:5000{found[1]}"' in posting
    with cast.board.reading() as session:
        assert list(strays(session, [key, "0" * 64])) == ["0" * 64], "the sweep knows whose it is"
    assert _logo(cast, content=picture("JPEG")).status == 303
    assert anonymous.get(found[1]).status_code == 404, "another picture, another address"
    assert not _there(cast, key), "the old one's bytes are gone"
    second = _company(cast).logo_key
    assert second and _there(cast, second)
    removed = cast.post("owner", "/employer/company/logo", version=str(_company(cast).version), remove="1")
    assert removed.status == 303 and not _there(cast, second)
    assert "<img" not in anonymous.get("/companies/northwind").get_data(as_text=True)
    assert '"logo": ' not in anonymous.get(cast.posting.path).get_data(as_text=True)


def _there(cast: Cast, key: str) -> bool:
    return UploadStore(cast.board.app.extensions["nexus-settings"].upload_dir).path(key).exists()


def _files(cast: Cast) -> int:
    folder = cast.board.app.extensions["nexus-settings"].upload_dir
    return sum(1 for path in folder.rglob("*") if path.is_file())


def test_a_refused_logo_leaves_nothing(cast: Cast) -> None:
    before = _files(cast)
    assert _logo(cast, content=b"GIF89a").status == 422
    stale = _logo(cast, version="99")
    assert stale.status == 409 and "Somebody changed this company meanwhile" in stale.text
    assert _logo(cast, "recruiter").status == 403 and _logo(cast, "reviewer").status == 403
    assert _logo(cast, "rival", company="northwind").status == 404
    assert cast.post("owner", "/employer/company/logo").status == 422
    assert (_company(cast).logo_key, _files(cast)) == (None, before)


def test_a_name_keeps_its_letters_and_loses_what_nobody_sees(cast: Cast) -> None:
    def rename(name: str) -> Any:
        fields = {"name": name, "website": "", "description": "", "country": "", "version": str(_company(cast).version)}
        return cast.post("owner", "/employer/company", **fields)

    for typed, kept in (("می\u200cخواهم", "می\u200cخواهم"), (" North\u202ewind\u200b ", "Northwind")):
        assert rename(typed).status == 303 and _company(cast).name == kept
    refused = rename("\u2800")
    assert refused.status == 422 and "Write the company" in refused.text and _company(cast).name == "Northwind"


def test_a_stale_page_shows_theirs_and_keeps_mine_readable(cast: Cast) -> None:
    path, version = "/employer/company", str(_company(cast).version)
    fields = {"name": "Northwind", "website": "", "description": "By **one**.", "country": "DE", "version": version}
    assert cast.post("owner", path, **fields).status == 303
    assert _company(cast).country == "DE"
    stale = cast.post("owner", path, **fields | {"description": "By the other."})
    assert stale.status == 409 and "By **one**." in stale.text and "By the other." in stale.text
    assert _company(cast).description_md == "By **one**."
    refused = cast.post("owner", path, **fields | {"version": str(_company(cast).version), "country": "XX"})
    assert refused.status == 422 and "Choose a country" in refused.text
