"""The mail that tells a company's owners that one of its webhooks is still."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.core.links import Links
from app.domain.mail.letters import Letter, mail
from app.domain.webhooks.models import Webhook


@mail("webhook-disabled")
def _disabled(session: Session, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter | None:
    hook = session.get(Webhook, ids["webhook_id"])
    if hook is None or hook.disabled_at is None or hook.version != ids["version"]:
        return None  # somebody looked after it meanwhile
    company = hook.company
    return Letter(
        subject=f"A webhook of {company.name} was turned off",
        template="webhook-disabled",
        values={
            "company": company.name, "host": hook.host, "why": hook.disabled_why or "",
            "link": links.url(f"/employer/webhooks/{hook.id}?company={company.slug}"),
        },
        why=f"You get this mail because you are an owner of {company.name} on this board.",
    )
