"""Links to documents that are out there, to be withdrawn."""

from flask_babel import lazy_gettext as _l

from admin_views.base import ModelScreen
from admin_views.registry import screen_for
from admin_views.verbs import Verb
from models.portal.share_link import ShareLink


@screen_for(ShareLink)
class ShareLinkScreen(ModelScreen):
    """Made with a message; here one sees until when they work."""

    verbs = (
        Verb(
            name="revoke",
            label=_l("Withdraw the link"),
            icon="link-off",
            run=ShareLink.revoke,
            right="revoke",
            fits=lambda link: link.is_in_force,
            question=_l("Withdraw this link?"),
            explanation=_l("Whoever opens it sees that it does not work any more."),
            done=_l("The link is withdrawn."),
            is_danger=True,
        ),
    )
