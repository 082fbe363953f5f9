"""The page of a group's e-mails, and the form as a browser would send it."""

import re
from html import unescape

from models.people.customer_group import CustomerGroup


def url_of(group: CustomerGroup, more: str = "") -> str:
    return f"/customer-groups/{group.id}/portal-emails{more}"


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of the page as it stands."""
    form: dict[str, str] = {}
    for tag in re.findall(r"<input\b[^>]*>", page):
        of = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" not in of or (of.get("type") == "checkbox" and " checked" not in tag):
            continue
        form[of["name"]] = unescape(of.get("value", ""))
    for name, text in re.findall(
        r'<textarea[^>]*name="([\w-]+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL
    ):
        form[name] = unescape(text).replace("\n", "\r\n")
    form.pop("csrf_token", None)
    return form
