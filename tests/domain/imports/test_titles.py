import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.imports.titles import LONGEST, read_title


@pytest.mark.parametrize(
    ("raw", "company", "title"),
    [
        ("  Data &amp; Cloud\u00a0Engineer ", "", "Data & Cloud Engineer"),
        ("PRACOWNIK DS. SPRZEDAŻY", "", "Pracownik ds. Sprzedaży"),
        ("IT SUPPORT SPECIALIST (NIGHTS)", "", "IT Support Specialist (Nights)"),
        ("RGN NURSE", "", "RGN NURSE"),
        ("Acme | Senior Developer | Oslo | Full-time", "Acme", "Senior Developer"),
        ("Acme | Oslo | Full-time Bridge Engineer | $90k", "Acme", "Bridge Engineer"),
        ("Acme | Oslo | Full-time | https://acme.example", "Acme", "Several roles"),
        ("إعلان | شركة | بغداد", "", "إعلان | شركة | بغداد"),
        ("#مطلوب_محاسب", "", "مطلوب محاسب"),
        ("C# developer", "", "C# developer"),
        ("AdministradordeRedes", "", "Administrador de Redes"),
        ("Machine Learning Engineer", "", "Machine Learning Engineer"),
    ],
)
def test_the_title_in_a_line(raw, company, title):
    assert read_title(raw, company) == title


@given(st.text(max_size=600), st.text(max_size=40))
def test_any_line_gives_a_title_that_fits(raw, company):
    title = read_title(raw, company)
    assert len(title) <= LONGEST
    assert "\n" not in title and "\x00" not in title
