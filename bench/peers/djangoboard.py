"""A board in the plain idiom of Django: `Q` and `icontains`, `Paginator`, `annotate(Count)`, templates, `db_index`."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.peers.jobs import AGES, ON_A_PAGE, STEPS, TOP, Asked, Job

_MIDDLEWARE = ("security.SecurityMiddleware", "common.CommonMiddleware", "csrf.CsrfViewMiddleware",
               "clickjacking.XFrameOptionsMiddleware")  # fmt: skip


def configure(url: str) -> None:
    """Set Django up for a database, once a process."""
    import django
    from django.conf import settings

    settings.configure(
        DEBUG=False, SECRET_KEY="a secret for the bench only", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__,  # noqa: S106
        DATABASES={"default": _database(url)}, USE_TZ=True, INSTALLED_APPS=[],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        MIDDLEWARE=[
            f"django.middleware.{'csrf' if 'csrf' in name else name.split('.')[0]}.{name.split('.')[1]}"
            for name in _MIDDLEWARE
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates",
                    "DIRS": [str(Path(__file__).parent / "templates" / "django")]}],
    )  # fmt: skip
    django.setup()


def _database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": url.removeprefix("sqlite:///")}
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": parts.path[1:], "USER": parts.username or "",
        "PASSWORD": parts.password or "", "HOST": parts.hostname or "", "PORT": parts.port or "", "CONN_MAX_AGE": None,
    }  # fmt: skip


def _models() -> tuple[Any, Any]:
    """The models, made once Django is set up."""
    from django.db import models

    class Company(models.Model):
        slug = models.SlugField(max_length=80)
        name = models.CharField(max_length=200)

        class Meta:
            app_label = "board"

    class JobPosting(models.Model):
        title = models.CharField(max_length=200, db_index=True)
        description = models.TextField()
        company = models.ForeignKey(Company, null=True, on_delete=models.CASCADE, related_name="jobs")
        category = models.CharField(max_length=60, db_index=True)
        city = models.CharField(max_length=120, db_index=True)
        place = models.CharField(max_length=200)
        country = models.CharField(max_length=2, db_index=True)
        type = models.CharField(max_length=20, db_index=True)
        workplace = models.CharField(max_length=20, db_index=True)
        experience = models.CharField(max_length=20, db_index=True)
        pay = models.BigIntegerField(null=True, db_index=True)
        currency = models.CharField(max_length=3)
        posted_at = models.DateTimeField(db_index=True)
        expires_at = models.DateTimeField(db_index=True)

        class Meta:
            app_label = "board"
            ordering = ("-posted_at", "-id")

    return Company, JobPosting


def fill(url: str, jobs: Iterable[Job]) -> None:
    """Make the tables and put the jobs in."""
    configure(url)
    from django.db import connection, transaction

    company, posting = _models()
    with connection.schema_editor() as editor:
        editor.create_model(company)
        editor.create_model(posting)
    known: dict[str, Any] = {}
    waiting = iter(jobs)
    with transaction.atomic():
        while batch := list(islice(waiting, 2_000)):
            fresh = {job.company_slug: job.company for job in batch if job.company_slug not in known}
            fresh.pop("", None)
            made = [company(id=len(known) + n, slug=slug, name=name) for n, (slug, name) in enumerate(fresh.items(), 1)]
            company.objects.bulk_create(made)
            known |= {one.slug: one for one in made}
            posting.objects.bulk_create([posting(**_facts(job, known)) for job in batch])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()


def _facts(job: Job, known: dict[str, Any]) -> dict[str, Any]:
    facts = job._asdict()
    facts["company"] = known.get(facts.pop("company_slug"))
    return facts


urlpatterns: list[Any] = []


def application(url: str, now: Callable[[], datetime]) -> Any:
    """The board on a filled database, as WSGI."""
    configure(url)
    from django.core.paginator import Paginator
    from django.core.wsgi import get_wsgi_application
    from django.shortcuts import render
    from django.urls import path

    _, posting = _models()

    def listing(request: Any) -> Any:
        asked = Asked({name: request.GET.getlist(name) for name in request.GET}, now())
        found = _filtered(posting, asked)
        page = Paginator(found.select_related("company"), ON_A_PAGE).get_page(asked.page)
        return render(request, "jobs.html", {"page": page, "facets": _counted(posting, asked), "args": request.GET})

    urlpatterns[:] = [path("jobs", listing)]
    return get_wsgi_application()


def _filtered(posting: Any, asked: Asked, but: str = "") -> Any:
    from django.db.models import Q

    found = posting.objects.filter(expires_at__gt=asked.now)
    for word in asked.words:
        found = found.filter(Q(title__icontains=word) | Q(description__icontains=word))
    for name, values in asked.chosen.items():
        if name != but:
            found = found.filter(**{f"{name}__in": values})
    if asked.companies and but != "company":
        found = found.filter(company__slug__in=asked.companies)
    if asked.city and but != "city":
        found = found.filter(city=asked.city)
    if asked.least_pay and but != "pay":
        found = found.filter(currency=asked.currency, pay__gte=asked.least_pay)
    if asked.since and but != "age":
        found = found.filter(posted_at__gte=asked.since)
    return found


def _counted(posting: Any, asked: Asked) -> dict[str, list[Any]]:
    from django.db.models import Case, Count, IntegerField, Value, When

    facets: dict[str, list[Any]] = {}
    for name in ("category", "type", "workplace", "experience", "country", "city", "company"):
        column = "company__name" if name == "company" else name
        groups = _filtered(posting, asked, name).order_by().values(column).annotate(n=Count("id")).order_by("-n")
        shown = groups[:TOP] if name in ("country", "city", "company") else groups
        facets[name] = list(shown.values_list(column, "n"))
    pay = [When(pay__gte=step, then=Value(step)) for step in reversed(STEPS)]
    age = [When(posted_at__gte=asked.now - timedelta(days=days), then=Value(days)) for days in AGES]
    for name, steps in (("pay", pay), ("age", age)):
        found = _filtered(posting, asked, name)
        found = found.filter(currency=asked.currency) if name == "pay" else found
        bucket = Case(*steps, default=Value(0), output_field=IntegerField())
        groups = found.order_by().annotate(bucket=bucket).values("bucket").annotate(n=Count("id"))
        facets[name] = list(groups.values_list("bucket", "n"))
    return facets
