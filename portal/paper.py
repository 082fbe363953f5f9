"""A document as it looks on paper, in its own language: beside its page, and as its print view."""

from flask import current_app
from flask_babel import force_locale
from markupsafe import Markup

from files.store import FileStore
from models.sales.document import Document
from models.sales.document_state import DocumentKind
from models.sales.statement import MovementKind
from portal.guard import current_portal
from services.sales.document_pages import page_of


def paper_of(document: Document) -> Markup:
    """The sheet as markup; it says what the PDF says."""
    settings = current_app.extensions["settings"]
    store = FileStore(settings.files_url)
    sheet = page_of(
        document,
        current_portal().organization,
        store=store,
        base_url=settings.public_base_url,
    )
    with force_locale(sheet.language):
        kind = str(DocumentKind.labels()[document.kind])
        words = {movement.value: word for movement, word in MovementKind.labels().items()}
        # Without what Flask gives to every page: paper has neither a reader nor buttons.
        template = current_app.jinja_env.get_template("portal/paper.html")
        text = template.render(sheet=sheet, kind=kind, movement_words=words)
    return Markup(text)  # nosec B704  # a template of ours
