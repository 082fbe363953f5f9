"""Links to documents in a message: where they stand, and when a message has them."""

from collections.abc import Sequence

from mail.merge import fields_in
from models.mailings.mailing import AttachMode, Mailing
from services.portal.share_links import NewLink

OWN_PLACE = "document.url"  # a text with this field puts the link where it wants it


def wants_links(mailing: Mailing) -> bool:
    """Whether its messages bring links: because it says so, or because a text asks for them."""
    texts = [mailing.body_html, *(text["body_html"] for text in mailing.variants.values())]
    return mailing.attach_mode is not AttachMode.ATTACH or any(map(has_own_place, texts))


def has_own_place(body_html: str) -> bool:
    """Whether the text itself says where the link goes."""
    return OWN_PLACE in fields_in(body_html)


def link_values(links: Sequence[NewLink]) -> dict[str, str]:
    """What the fields of the links say in one message."""
    values = {OWN_PLACE: links[0].url if links else ""}
    return values | {f"link_{n}.url": link.url for n, link in enumerate(links, start=1)}
