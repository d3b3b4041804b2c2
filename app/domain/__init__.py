"""What is true, who may, what is read and what is done. Importing it makes every room listen."""

from app.domain.accounts import mails as _account_mails  # noqa: F401
from app.domain.accounts import models as _accounts  # noqa: F401
from app.domain.accounts import notices as _notices  # noqa: F401
from app.domain.alerts import handlers as _alert_handlers  # noqa: F401
from app.domain.alerts import models as _alerts  # noqa: F401
from app.domain.applications import handlers as _application_handlers  # noqa: F401
from app.domain.applications import mails as _application_mails  # noqa: F401
from app.domain.applications import models as _applications  # noqa: F401
from app.domain.audit import models as _audit  # noqa: F401
from app.domain.board import models as _board  # noqa: F401
from app.domain.companies import handlers as _company_handlers  # noqa: F401
from app.domain.companies import mails as _company_mails  # noqa: F401
from app.domain.companies import models as _companies  # noqa: F401
from app.domain.imports import handlers as _import_handlers  # noqa: F401
from app.domain.imports import models as _imports  # noqa: F401
from app.domain.mail import models as _mail  # noqa: F401
from app.domain.postings import editions as _editions  # noqa: F401
from app.domain.postings import handlers as _posting_handlers  # noqa: F401
from app.domain.postings import mails as _posting_mails  # noqa: F401
from app.domain.postings import models as _postings  # noqa: F401
from app.domain.search import handlers as _search_handlers  # noqa: F401
from app.domain.search import models as _search  # noqa: F401
from app.domain.webhooks import handlers as _webhook_handlers  # noqa: F401
from app.domain.webhooks import mails as _webhook_mails  # noqa: F401
from app.domain.webhooks import models as _webhooks  # noqa: F401
