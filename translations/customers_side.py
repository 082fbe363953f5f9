"""Which sentences a customer can meet: those of the files that the portal is made of, and of what it writes.

Portuguese is spoken to customers only, so its catalogue holds these and no others. A file belongs to the customer's side
if the portal, or what writes to customers, imports it, step by step; or if one of their templates shows it. `STAFF_ONLY`
names the exceptions: files that the portal needs for something else than their sentences. So a service that the portal
comes to use asks for its Portuguese by itself.
"""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGINNINGS = (
    "portal/**/*.py",
    "services/portal/*_emails.py",
    "services/mailings/document_block.py",
    "services/mailings/letter_frame.py",
    "services/sales/document_pages.py",
    "templates/portal/**/*.html",
    "templates/errors/*.html",
    "templates/emails/portal-*/*",
    "templates/emails/mailing.html",
    "templates/emails/_documents.html",
)
ALONE = ("app.py",)  # imports everything, and says three sentences on error pages
STAFF_ONLY = (
    # Labels of columns and states that only the admin shows.
    "models/mailbox/*",
    "models/mailings/*",
    "models/people/customer_group.py",
    "models/people/membership.py",
    "models/people/organization.py",
    "models/people/role.py",
    "models/people/user.py",
    "models/portal/portal_event.py",
    "models/portal/portal_settings.py",
    "models/portal/portal_text.py",
    "models/portal/portal_user.py",
    "models/sales/number_series.py",
    "models/system/*",
    # What staff hear who set up accounts and the portal, write texts and send mailings.
    "services/mailbox/*",
    "services/mailings/fields.py",
    "services/mailings/flow.py",
    "services/mailings/message.py",
    "services/mailings/reaper.py",
    "services/mailings/reasons.py",
    "services/mailings/register.py",
    "services/mailings/registration.py",
    "services/mailings/rehearsal.py",
    "services/portal/portal_texts.py",
    "services/portal/text_fields.py",
    # What mail servers say, and the handbook.
    "services/system/sentences_of_mail.py",
)
TEMPLATE = re.compile(r"{%-?\s*(?:extends|include|import|from)\s+[\"']([^\"']+)[\"']")


def customers_files() -> frozenset[str]:
    """The files whose sentences a customer can meet, as paths below the root."""
    found: set[Path] = set()
    waiting = [file for pattern in BEGINNINGS for file in ROOT.glob(pattern)]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += _imported(file) if file.suffix == ".py" else _shown(file)
    names = {file.relative_to(ROOT).as_posix() for file in found}
    return frozenset(
        {*ALONE, *(name for name in names if not any(fnmatch(name, each) for each in STAFF_ONLY))}
    )


def _imported(file: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for module in (node.module, *(f"{node.module}.{each.name}" for each in node.names)):
                path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
                if path.exists():
                    yield path


def _shown(file: Path) -> Iterator[Path]:
    for name in TEMPLATE.findall(file.read_text()):
        yield ROOT / "templates" / name
