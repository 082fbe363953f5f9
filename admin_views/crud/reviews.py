"""What customers think of us: answer and hide (S2-20)."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin_views.base import ModelScreen
from admin_views.list_page import Tab
from admin_views.registry import screen_for
from admin_views.verbs import Verb
from models.base import utc_now
from models.portal.review import Review, ReviewState

HIDE = Verb(
    name="hide",
    label=_l("Hide"),
    icon="eye-off",
    run=lambda review: review.hide(),
    right="edit",
    field="state",
    fits=lambda review: review.state is ReviewState.VISIBLE,
    done=_l("The review is hidden."),
    opposite="show",
)
SHOW = Verb(
    name="show",
    label=_l("Show"),
    icon="eye",
    run=lambda review: review.show(),
    right="edit",
    field="state",
    fits=lambda review: review.state is ReviewState.HIDDEN,
    done=_l("The review is visible."),
    opposite="hide",
)


@screen_for(Review)
class ReviewScreen(ModelScreen):
    """Customers write them in the portal; we answer, and hide what should not be read."""

    search_words = _l("Words of the review")
    list_columns = ("body", "customer", "rating", "state", "created_at")
    verbs = (HIDE, SHOW)
    form_groups = ((_l("Our answer"), _l("The customer reads it in the portal."), ("reply",)),)

    def allows(self, action: str, field: str | None = None) -> bool:
        return action != "create" and super().allows(action, field)

    def tabs(self) -> tuple[Tab, ...]:
        return (Tab(_("Hidden"), {"flt_state": ReviewState.HIDDEN.value}),)

    def before_save(self, record: Any, form: Any, is_new: bool) -> None:
        record.answer(record.reply, utc_now())
