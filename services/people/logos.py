"""The logo of an organization: received, and looked at before the first document is to be printed with it."""

from flask_babel import gettext as _

from errors import Invalid
from files.errors import UnusableDocument
from files.logo import logo_as_svg
from files.store import FileStore
from models.people.organization import Organization
from services.system.uploads import keep, receive

OF_COLUMN = Organization.__table__.c.logo_sha256.info


def check_logo(sha256: str, store: FileStore) -> None:
    """Raises Invalid for what cannot be drawn on a document."""
    try:
        logo_as_svg(store.read(sha256))
    except UnusableDocument as problem:
        raise Invalid(_(problem.sentence) % problem.values, field="logo_sha256") from None


def receive_logo(organization: Organization, content: bytes, name: str, store: FileStore) -> None:
    """Make this picture the logo. Raises Invalid for what is none, or too large."""
    kinds, most = OF_COLUMN["kinds"], OF_COLUMN["most_bytes"]
    upload = receive(content, name, store=store, kinds=kinds, most_bytes=most)
    check_logo(upload.sha256, store)
    organization.logo_sha256 = keep(upload).sha256
