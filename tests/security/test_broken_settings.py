"""What a careless administrator can enter must not lock everybody out."""

from flask import Flask

from models.base import db
from models.people.organization import Organization
from tests.admin_views.conftest import SignIn


def test_a_time_zone_that_does_not_exist_is_refused(
    app: Flask, sign_in: SignIn, organization: Organization
) -> None:
    """Every page tells the time of the organization: with a wrong zone none could be shown."""
    admin = sign_in("administrator", is_global_admin=True)
    form = {
        "code": organization.code,
        "name": organization.name,
        "default_lang": "es",
        "base_currency": "EUR",
        "brand_color": "#0b5a73",
    }
    url = f"/admin/organization/edit/?id={organization.id}"

    for zone in ("Nowhere/At-All", "../../etc/passwd", "/etc/localtime", " "):
        assert admin.post(url, data={**form, "timezone": zone}).status_code == 422, zone
    assert admin.post(url, data={**form, "timezone": "Europe/Madrid"}).status_code == 302
    db.session.expire_all()
    assert organization.timezone == "Europe/Madrid"
    assert admin.get("/").status_code == 200


def test_a_name_of_spaces_is_no_name(app: Flask, sign_in: SignIn) -> None:
    clerk = sign_in("clerk")
    form = {"number": "1", "name": "   ", "currency": "EUR", "payment_terms_days": "30"}

    answer = clerk.post("/admin/customer/new/", data={**form, "lang": "es"})

    assert answer.status_code == 422
