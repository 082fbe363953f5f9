"""Links to documents in a message: where they stand, and when a message has them."""

from collections.abc import Sequence

from mail.merge import fields_in
from models.mailings.mailing import AttachMode, Mailing
from services.portal.share_links import NewLink

OWN_PLACE = "document.url"  # a text with this field puts the link where it wants it
LINE = '<p><a href="{{ link_%d.url }}">{{ link_%d.label }}</a></p>'


def wants_links(mailing: Mailing) -> bool:
    """Whether its messages bring links: because it says so, or because a text asks for them."""
    texts = [mailing.body_html, *(text["body_html"] for text in mailing.variants.values())]
    return mailing.attach_mode is not AttachMode.ATTACH or any(map(has_own_place, texts))


def has_own_place(body_html: str) -> bool:
    """Whether the text itself says where the link goes."""
    return OWN_PLACE in fields_in(body_html)


def with_links(body_html: str, links: Sequence[NewLink]) -> str:
    """The text with a line for each document below it, unless its only link has a place of its own."""
    if len(links) <= 1 and has_own_place(body_html):
        return body_html
    return "\n".join([body_html, *(LINE % (n, n) for n, _link in enumerate(links, start=1))])


def link_values(links: Sequence[NewLink]) -> dict[str, str]:
    """What the fields of the links say in one message."""
    values = {OWN_PLACE: links[0].url if links else ""}
    for number, link in enumerate(links, start=1):
        values |= {f"link_{number}.url": link.url, f"link_{number}.label": link.label}
    return values
