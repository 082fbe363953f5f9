"""What might be better in a message, as sentences with the line (X0-14)."""

from flask_babel import gettext as _

from mail.lint import Remark, Remarked, lint
from mail.merge import fields_in
from models.portal.portal_text import PortalTextKind

# Where each text leads: without any of these the reader has no way on (the product's own texts have one).
LEADS_ON = {"portal_url", "access_url", "reset_url"}
WITHOUT_WAY = {PortalTextKind.NEW_PRIMARY, PortalTextKind.PREVIOUS_PRIMARY}


def remarks_on(kind: PortalTextKind, subject: str, body: str) -> list[str]:
    """All remarks on a text of the portal; none of them keeps it from being saved."""
    said = [remark_words(each) for each in lint(subject, body)]
    if kind not in WITHOUT_WAY and body.strip() and not LEADS_ON & set(fields_in(body)):
        said.append(_("No link leads to the portal: insert {{ portal_url }}."))
    return said


def remark_words(each: Remarked) -> str:
    """One of them."""
    words = _sentence(each)
    return _("Line %(line)d: %(words)s", line=each.line, words=words) if each.line else words


def _sentence(each: Remarked) -> str:
    name = each.name
    match each.remark:
        case Remark.LINK_WITHOUT_TARGET:
            return _("This link leads nowhere.")
        case Remark.LINK_NOT_WHOLE:
            return _("“%(link)s” is no whole address; it begins with https://.", link=name)
        case Remark.LINK_NOT_SECURE:
            return _("“%(link)s” is not protected; use https://.", link=name)
        case Remark.LINK_HERE_ONLY:
            return _("“%(link)s” can only be opened on your own network.", link=name)
        case Remark.LINK_WITHOUT_WORDS:
            return _("This link has no words to press.")
        case Remark.PICTURE_WITHOUT_WORDS:
            return _("This picture has no words (alt) for who does not see it.")
        case Remark.PICTURE_TOO_LARGE:
            return _("This picture makes the message %(size)s KB larger; link to it.", size=name)
        case Remark.PICTURES_ONLY:
            return _("Almost all of it is a picture: spam filters stop such messages.")
        case Remark.TOO_LARGE:
            return _("It has %(size)s KB; Gmail cuts messages off at about 100 KB.", size=name)
        case Remark.SUBJECT_TOO_LONG:
            return _("The subject has more than %(most)s letters and is cut off.", most=name)
        case Remark.SUBJECT_SHOUTS:
            return _("The subject shouts: spam filters stop such messages.")
        case Remark.FAINT_IN_DARK:
            return _(
                "On a dark screen this colour cannot be read: say ink and background, or none."
            )
        case Remark.FAINT_IN_LIGHT:
            return _("On a light screen this colour cannot be read.")
