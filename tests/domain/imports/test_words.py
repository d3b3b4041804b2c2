import pytest

from app.domain.imports.fields_of_work import field_of_work
from app.domain.imports.words import employment_type, experience, workplace
from app.domain.postings.models import EmploymentType, Experience, Workplace
from app.domain.postings.taxonomy import CATEGORIES


@pytest.mark.parametrize(
    ("named", "raw", "title", "ours"),
    [
        (["FULL_TIME", "INTERN"], "", "", EmploymentType.INTERNSHIP),
        (["CONTRACTOR"], "", "Part-time guard", EmploymentType.CONTRACT),
        ([], "pełny etat | umowa o pracę", "", EmploymentType.FULL_TIME),
        ([], "", "Summer Intern, Bridges", EmploymentType.INTERNSHIP),
        ([], "external", "International Officer", None),
    ],
)
def test_employment_types(named, raw, title, ours):
    assert employment_type(named, raw, title) is ours


@pytest.mark.parametrize(
    ("raw", "title", "level"),
    [
        ("", "Senior Welder", Experience.SENIOR),
        ("Entry level", "Head of Bridges", Experience.LEAD),
        ("Mid-Senior level", "Welder", Experience.SENIOR),
        ("specjalista (Mid / Regular)", "", Experience.MID),
        ("INTERMEDIATE", "", Experience.MID),
        ("Not Applicable", "Welder", None),
    ],
)
def test_levels_of_experience(raw, title, level):
    assert experience(raw, title) is level


@pytest.mark.parametrize(
    ("flag", "words", "remote", "hybrid", "where"),
    [
        (True, "", False, False, Workplace.REMOTE),
        (None, "100% zdalnie", False, False, Workplace.REMOTE),
        (False, "Hybrid - Full Time", False, False, Workplace.HYBRID),
        (None, "", True, False, Workplace.REMOTE),
        (False, "Work from home", False, False, Workplace.ON_SITE),
        (None, "no remote", False, False, Workplace.ON_SITE),
    ],
)
def test_where_work_is_done(flag, words, remote, hybrid, where):
    assert workplace(flag, words, remote=remote, hybrid=hybrid) is where


@pytest.mark.parametrize(
    ("title", "category", "industry", "slug"),
    [
        ("Staff Nurse", "", "", "healthcare"),
        ("Senior Data Engineer", "IT Jobs", "", "data"),
        ("Backend Developer", "", "Insurance", "software"),
        ("Electrical Engineer", "", "", "engineering"),
        ("Product Designer", "", "", "design"),
        ("Kierowca kat. C", "", "", "logistics"),
        ("Coordinator", "Human Resources", "", "people"),
        ("Doradca", "", "Bankowość", "finance"),
        ("مطلوب محاسب", "", "", "finance"),
        ("Salesforce Developer", "", "", "software"),
        ("Xyzzy", "", "", "other"),
    ],
)
def test_fields_of_work(title, category, industry, slug):
    assert field_of_work(title, category, industry, "") == slug
    assert slug in dict(CATEGORIES)


def test_a_title_that_says_nothing_leaves_it_to_the_text():
    assert field_of_work("Several roles", "", "", "Nurses wanted. Our nurses love the hospital.") == "healthcare"
