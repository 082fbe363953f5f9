"""The add-on *Test mail accounts*: how the newest test of each ended, all at once, the failed ones again (X4-03)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.identity import current_staff
from admin_views.reader_formats import ago
from admin_views.screens import account_check_page as pages
from admin_views.screens.account_checks import PER_STAFF, RESOURCE, ask_tests, blueprint, who
from admin_views.screens.account_grid_page import STANDINGS
from admin_views.screens.account_grid_words import standing_word
from admin_views.screens.account_tabs import account_trail, page_of_users
from admin_views.screens.import_pages import Badge
from extensions import limiter
from services.mailbox.account_states import Standing
from services.mailbox.checks import accounts_to_test
from services.mailbox.tested_accounts import ListedAccount, tested_accounts

ACCOUNTS_A_PAGE = 100
NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Line:
    """An account as the list shows it."""

    address: str
    whose: str
    url: str
    badge: Badge
    trouble: str
    tested: str
    took: str


@blueprint.get("/")
def index() -> ResponseReturnValue:
    _may("view")
    account_trail(_("Test mail accounts"))
    addons_url = page_of_users("addons.index")
    return render_template("admin/mailbox/checks.html", **_page(), addons_url=addons_url)


@blueprint.get("/badges")
def badges() -> ResponseReturnValue:
    """The list again; asked while an account is being tested."""
    _may("view")
    return render_template("admin/mailbox/_checks.html", **_page())


@blueprint.post("/all")
@limiter.limit(PER_STAFF, key_func=who)
def everything() -> ResponseReturnValue:
    """Test every active account."""
    _may("edit")
    accounts = list(accounts_to_test())
    ask_tests(accounts)
    flash(
        ngettext(
            "%(num)d account is being tested.", "%(num)d accounts are being tested.", len(accounts)
        )
        if accounts
        else _("There is no active account.")
    )
    return redirect(url_for(".index"))


def _page() -> dict[str, Any]:
    found = tested_accounts()
    count = Counter(each.standing for each in found)
    only, page = _only(), _number("page")
    chosen = [each for each in found if only in (None, each.standing)]
    start = page * ACCOUNTS_A_PAGE
    place: dict[str, Any] = {"only": only.value} if only is not None else {}
    return {
        "title": _("Test mail accounts"),
        "subtitle": ngettext("%(num)d active account", "%(num)d active accounts", len(found)),
        "lines": [_line(each) for each in chosen[start : start + ACCOUNTS_A_PAGE]],
        "figures": _figures(count),
        "only": str(standing_word(only)) if only is not None else None,
        "failed": sum(each.has_failed for each in found),
        "total": len(found),
        "remarks": _remarks(found) if only is None else (),
        "is_testing": count[Standing.TESTING] > 0,
        "may_edit": current_staff().rights.allows(RESOURCE, "edit"),
        "here": {**place, **({"page": page} if page else {})},
        "newer": url_for(".index", **place, page=page - 1) if page else None,
        "older": url_for(".index", **place, page=page + 1)
        if len(chosen) > start + ACCOUNTS_A_PAGE
        else None,
    }


def _figures(count: Counter[Standing]) -> Sequence[dict[str, Any]]:
    """How many of each, as links to only these."""
    shown = (Standing.READY, Standing.TROUBLED, Standing.TESTING, Standing.UNTESTED)
    tones = {Standing.TROUBLED: "bad"}
    return [
        {
            "label": standing_word(standing),
            "icon": STANDINGS[standing][1],
            "value": count[standing],
            "tone": tones.get(standing, "") if count[standing] else "",
            "url": url_for(".index", only=standing.value) if count[standing] else None,
        }
        for standing in shown
    ]


def _remarks(found: Sequence[ListedAccount]) -> Sequence[str]:
    """What works and should be looked at all the same (X4-09)."""
    unencrypted = [each.account.address for each in found if each.is_open_line]
    old = [each.account.address for each in found if each.has_old_password]
    remarks = []
    if unencrypted:
        remarks.append(
            ngettext(
                "%(num)d account speaks to its server without encryption: %(names)s",
                "%(num)d accounts speak to their servers without encryption: %(names)s",
                len(unencrypted),
                names=_some(unencrypted),
            )
        )
    if old:
        remarks.append(
            ngettext(
                "%(num)d password is older than a year: %(names)s",
                "%(num)d passwords are older than a year: %(names)s",
                len(old),
                names=_some(old),
            )
        )
    return remarks


def _some(names: Sequence[str]) -> str:
    """The first of them."""
    return ", ".join(names[:NAMED]) + ("…" if len(names) > NAMED else "")


def standing_badge(found: ListedAccount) -> Badge:
    """How an account stands: by its newest test, where that says it."""
    tone, icon = STANDINGS[found.standing]
    tested = pages.badge_of(found.check) if found.shows_check else None
    return tested or Badge(tone=tone, icon=icon, word=standing_word(found.standing))


def _line(found: ListedAccount) -> Line:
    account, check = found.account, found.check
    is_over = check is not None and check.ended_at is not None
    return Line(
        address=account.address,
        whose=account.owner.name if account.owner else account.display_name,
        url=url_for(".check", public_id=account.public_id),
        badge=standing_badge(found),
        trouble=pages.trouble_words(check) if check and found.shows_check else "",
        tested=_tested_words(found),
        took=pages.took_words(check) if check and is_over else "",
    )


def _tested_words(found: ListedAccount) -> str:
    """When it was tested; that one which nobody has tested works is known since it sent."""
    check, sent_at = found.check, found.account.last_good_at
    if check is not None:
        return ago(check.ended_at) if check.ended_at else ""
    return _("has sent %(when)s", when=ago(sent_at)) if sent_at else ""


def _only() -> Standing | None:
    word = request.args.get("only", "")
    return Standing(word) if word in list(Standing) else None


def _number(name: str) -> int:
    typed = request.args.get(name, "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 5 else 0


def _may(action: str) -> None:
    current_staff().rights.require(RESOURCE, action)
