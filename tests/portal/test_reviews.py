"""S2-20: reviews in the portal, and what staff do with them."""

import threading

import pytest
from sqlalchemy import select, update

from models.base import db
from models.portal.portal_event import PortalEvent
from models.portal.portal_settings import PortalSettings
from models.portal.review import Review
from services.portal.reviews import MOST_A_DAY
from tests.browser import new_browser
from tests.factories.people import make_user

TEXT = "Llegan <b>cuando</b> dicen."


@pytest.fixture
def reviews_on(organization):
    db.session.execute(update(PortalSettings).values(allow_reviews=True))
    db.session.commit()


def test_S2_20_a_customer_writes_and_staff_answer_and_hide(app, stand, organization, reviews_on):
    window = stand()
    staff = new_browser(app).enter_as(make_user(organization), organization)

    answer = window.submit("/reviews", {"rating": "4", "body": TEXT}, form_at="/reviews")

    assert answer.status_code == 303
    review = db.session.scalars(select(Review)).one()
    assert (review.rating, review.body) == (4, TEXT)
    assert db.session.scalars(select(PortalEvent)).one().kind == "reviewed"
    edit = f"/admin/review/edit/?id={review.id}"
    saved = staff.submit(edit, {"reply": "Gracias", "row_version": "1"}, form_at=edit)
    assert saved.status_code == 302
    assert "Gracias" in window.get("/reviews").text
    assert "<b>cuando" not in window.get("/reviews").text
    page = f"/admin/review/details/?id={review.id}"
    staff.submit(f"/admin/review/verb/?verb=hide&id={review.id}", form_at=page)
    db.session.refresh(review)
    assert review.state == "hidden"
    assert review.replied_at is not None


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"rating": "6", "body": "x"}, 422),
        ({"rating": "", "body": "x"}, 422),
        ({"rating": "3", "body": " "}, 422),
        ({"rating": "3", "body": "x" * 2_001}, 422),
    ],
)
def test_a_review_without_stars_or_words_is_refused(stand, reviews_on, fields, status):
    window = stand()

    refused = window.submit("/reviews", fields, form_at="/reviews")

    assert refused.status_code == status
    assert db.session.scalars(select(Review)).all() == []


def test_S2_20_reviews_that_are_off_are_absent(stand):
    window = stand()

    assert window.get("/reviews").status_code == 404
    assert window.submit("/reviews", {"rating": "3", "body": "x"}).status_code == 404
    assert "/reviews" not in window.get("/").text


def test_of_ten_reviews_at_once_no_more_than_a_days_are_taken(app, stand, reviews_on):
    """The daily cap counts what others of the customer write at the same moment."""
    window = stand()
    token = window.browser.get_cookie("portal").value
    browsers = []
    for _number in range(10):
        browser = new_browser(app)
        browser.set_cookie("portal", token)
        browsers.append((browser, browser.csrf_token(f"{window.root}/reviews")))
    db.session.commit()
    start, statuses = threading.Barrier(len(browsers)), []

    def write(browser, csrf):
        start.wait()
        fields = {"rating": "4", "body": TEXT, "csrf_token": csrf}
        statuses.append(browser.post(f"{window.root}/reviews", data=fields).status_code)

    threads = [threading.Thread(target=write, args=each) for each in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [303] * MOST_A_DAY + [429] * (10 - MOST_A_DAY)
    assert len(db.session.scalars(select(Review)).all()) == MOST_A_DAY
