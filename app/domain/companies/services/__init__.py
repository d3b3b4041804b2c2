"""Writing companies: how they begin and who belongs to them, what they say of themselves, what admins do to them."""

from app.domain.companies.services.founding import (
    create_company,
    join,
    leave_all,
    name_key,
    recognise,
    sign_up_employer,
)

__all__ = ["create_company", "join", "leave_all", "name_key", "recognise", "sign_up_employer"]
