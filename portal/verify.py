"""Verify a document: whoever holds a PDF learns whether it is ours and unchanged (pains C-10).

It says what stands in the very file that was shown, so there is nothing to be found out by guessing.
"""

from dataclasses import dataclass

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from errors import Invalid
from extensions import limiter
from models.sales.document import Document
from models.sales.document_state import DocumentKind, DocumentState
from portal.company_clock import there
from portal.door_page import PER_IP, REFUSED
from portal.guard import current_portal, open_to_everybody, portal_blueprint
from portal.how_to_pay import HowToPay, how_to_pay
from services.portal.verification import document_with_pdf, hash_of_file, typed_hash
from services.sales.formats import shown_amount, shown_date

blueprint = portal_blueprint("verify", __name__)


@dataclass(frozen=True)
class Verified:
    """What is said of a document that is ours."""

    title: str
    issued: str
    total: str
    currency: str
    void: str
    how_to_pay: HowToPay | None


@blueprint.route("/verify", methods=["GET", "POST"])
@limiter.limit(PER_IP, methods=["POST"])
@open_to_everybody
def verify() -> ResponseReturnValue:
    """The file itself, or its SHA-256."""
    if request.method != "POST":
        return _page(problem=_too_large() if "too_large" in request.args else "")
    file, text = request.files.get("file"), request.form.get("sha256", "")
    if file is None or not file.filename:
        if not text.strip():
            return _page(problem=_("Choose the PDF, or write its SHA-256.")), REFUSED
        try:
            sha256 = typed_hash(text)
        except Invalid as problem:
            return _page(typed=text, problem=problem.message), REFUSED
    else:
        sha256 = hash_of_file(file.stream)
    found = document_with_pdf(sha256)
    return _page(verified=_in_words(found) if found is not None else None, sha256=sha256)


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """More than strangers may send, so nothing of it was read: the page says so."""
    return redirect(url_for("portal-verify.verify", portal_name=g.portal_name, too_large=1), 303)


def _too_large() -> str:
    return _("This file is larger than any that we take here. Write its SHA-256 instead.")


def _in_words(document: Document) -> Verified:
    lang = str(get_locale() or "es")
    is_void = document.state is DocumentState.VOID
    day = document.void_at and shown_date(there(document.void_at).date(), lang)
    return Verified(
        title=f"{DocumentKind.labels()[document.kind]} {document.label}",
        issued=shown_date(document.issue_date, lang),
        total=shown_amount(document.total, document.currency, lang),
        currency=document.currency,
        void=(_("It was voided on %(day)s.", day=day) if day else _("It was voided."))
        if is_void
        else "",
        how_to_pay=how_to_pay(document, current_portal().organization),
    )


def _page(
    *, verified: Verified | None = None, sha256: str = "", typed: str = "", problem: str = ""
) -> str:
    return render_template(
        "portal/door/verify.html",
        portal=current_portal(),
        verified=verified,
        sha256=sha256,
        typed=typed,
        problem=problem,
        phone=current_portal().organization.phone or "",
    )
