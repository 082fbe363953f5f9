"""A single message: its text, its frame, its pictures and files, its bytes; each only for who may read it (X3-10)."""

import uuid
from typing import Any
from urllib.parse import urlsplit

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeTimedSerializer

from admin_views.identity import settings
from admin_views.reader_formats import language
from admin_views.screens.mail_door import blueprint, compose_url, reader
from admin_views.stored_files import store
from mail.parsing import ParsedMessage, parse_message, part_of
from mail.quoted_text import fold_text
from mail.received_html import CleanedHtml, clean_received, framed_message, policy_of
from models.base import db
from models.mailbox.message import Message
from models.mailbox.thread import Thread
from services.mailbox.continued_drafts import continue_draft, own_draft_behind
from services.mailbox.conversation import attachment_to_read, message_to_read
from services.mailbox.message_bytes import raw_of

PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
SIGNATURE_SECONDS = 12 * 3600
MOST_TEXT = 200_000  # characters of a plain text that are shown


@blueprint.get("/messages/<uuid:public_id>")
def message(public_id: uuid.UUID) -> ResponseReturnValue:
    """Its conversation, at this message: the address that other pages link to."""
    person = reader()
    own = own_draft_behind(public_id, person)
    if own is not None:
        return redirect(f"{compose_url('')}?draft={own.public_id}")
    found = message_to_read(public_id, person)
    thread = db.session.get_one(Thread, found.thread_id)
    return redirect(url_for("mail_area.index", open=thread.public_id, _anchor=f"m-{public_id}"))


@blueprint.post("/messages/<uuid:public_id>/continue")
def continue_message(public_id: uuid.UUID) -> ResponseReturnValue:
    """A draft of the mailbox is written on here."""
    person = reader("edit")
    draft = continue_draft(message_to_read(public_id, person), person, store())
    db.session.commit()
    return redirect(f"{compose_url('')}?draft={draft.public_id}")


@blueprint.get("/messages/<uuid:public_id>/body")
def body(public_id: uuid.UUID) -> ResponseReturnValue:
    """The text of a message inside the page: plain text as it is, HTML in a frame of its own."""
    found = message_to_read(public_id, reader())
    parsed = parse_message(raw_of(found))
    cleaned = _cleaned(found, parsed, shows_remote=False) if parsed.html else None
    wants_images = request.args.get("images") == "1"
    text = parsed.text[:MOST_TEXT]
    return render_template(
        "admin/mail/_body.html",
        message=found,
        frame_url=_frame_url(found, images=wants_images) if cleaned else None,
        folded=fold_text(text),
        is_cut=len(parsed.text) > MOST_TEXT,
        remote_images=cleaned.remote_images if cleaned and not wants_images else 0,
        images_url=url_for("mail_area.body", public_id=public_id, images=1),
    )


@blueprint.get("/messages/<uuid:public_id>/frame")
def frame(public_id: uuid.UUID) -> ResponseReturnValue:
    """The cleaned HTML under a policy of its own; pictures from elsewhere only where the reader has asked for them."""
    found = message_to_read(public_id, reader())
    parsed = parse_message(raw_of(found))
    shows_remote = request.args.get("images") == "1"
    cleaned = _cleaned(found, parsed, shows_remote=shows_remote) or abort(404)
    page = framed_message(
        cleaned,
        lang=language(),
        title=found.subject,
        quoted_words=_("Show quoted text"),
        theme=reader().theme,
    )
    answer = Response(page, mimetype="text/html")
    root = urlsplit(request.host_url)
    pictures = url_for("mail_area.picture", public_id=public_id, part=0).removesuffix("0")
    answer.headers["Content-Security-Policy"] = policy_of(
        f"{root.scheme}://{root.netloc}{pictures}", shows_remote=shows_remote
    )
    return answer


@blueprint.get("/messages/<uuid:public_id>/pictures/<int:part>")
def picture(public_id: uuid.UUID, part: int) -> ResponseReturnValue:
    """A picture that stands in the text: by a signed address, and a picture by its bytes, whatever it calls itself."""
    if not _is_signed(public_id, part, request.args.get("s", "")):
        abort(404)
    holder, _attachment = attachment_to_read(public_id, part, reader())
    content = part_of(raw_of(holder), part)
    kind = _kind_of_picture(content)
    if kind is None:
        abort(404)
    return Response(content, mimetype=kind)


@blueprint.get("/messages/<uuid:public_id>/files/<int:part>")
def attachment(public_id: uuid.UUID, part: int) -> ResponseReturnValue:
    """A file, to be kept: what strangers send is never opened inside this site."""
    holder, found = attachment_to_read(public_id, part, reader())
    answer = Response(part_of(raw_of(holder), part), mimetype="application/octet-stream")
    name = found.file_name or f"{part}.bin"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@blueprint.get("/messages/<uuid:public_id>/message.eml")
def source(public_id: uuid.UUID) -> ResponseReturnValue:
    """The message as its server gave it (RFC 5322), to be kept."""
    found = message_to_read(public_id, reader())
    answer = Response(raw_of(found), mimetype="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{public_id}.eml")
    return answer


def _cleaned(found: Message, parsed: ParsedMessage, *, shows_remote: bool) -> CleanedHtml | None:
    inline = {
        each.content_id: url_for(
            "mail_area.picture",
            public_id=found.public_id,
            part=each.part,
            s=_signature(found.public_id, each.part),
        )
        for each in parsed.attachments
        if each.content_id
    }
    return clean_received(parsed.html, inline=inline, shows_remote=shows_remote)


def _frame_url(found: Message, *, images: bool) -> str:
    more: dict[str, Any] = {"images": 1} if images else {}
    return url_for("mail_area.frame", public_id=found.public_id, **more)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key, salt="picture of a message")


def _signature(public_id: uuid.UUID, part: int) -> str:
    return str(_signer().dumps([str(public_id), part]))


def _is_signed(public_id: uuid.UUID, part: int, signature: str) -> bool:
    try:
        signed = _signer().loads(signature, max_age=SIGNATURE_SECONDS)
    except BadSignature:
        return False
    return bool(signed == [str(public_id), part])


def _kind_of_picture(content: bytes) -> str | None:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in PICTURES.items() if content.startswith(start)), None)
