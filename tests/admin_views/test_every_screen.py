"""Every screen of every model opens, in both languages, with rows in it."""

import pytest
from flask import Flask

from admin_views.registry import endpoint_of, models_with_screens
from tests.admin_views.conftest import SignIn
from tests.factories.admin import Rows

ENDPOINTS = [endpoint_of(model) for model in models_with_screens()]


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_list_form_and_record_opens(
    app: Flask, sign_in: SignIn, rows: Rows, language: str
) -> None:
    """L-01, L-22: by declaration, in Spanish and English."""
    client = sign_in(lang=language, is_global_admin=True)
    for endpoint in ENDPOINTS:
        page = client.get(f"/admin/{endpoint}/")
        assert page.status_code == 200, endpoint
        assert f'<html lang="{language}"' in page.text, endpoint
        new = client.get(f"/admin/{endpoint}/new/")
        assert new.status_code in (200, 403), endpoint
        key = _first_key(page.text)
        if key is None:
            continue
        assert client.get(f"/admin/{endpoint}/details/?id={key}").status_code == 200, endpoint
        edit = client.get(f"/admin/{endpoint}/edit/?id={key}")
        assert edit.status_code in (200, 302, 403), endpoint
        confirm = client.get(f"/admin/{endpoint}/delete/confirm/?id={key}")
        assert confirm.status_code in (200, 403), endpoint


def _first_key(page: str) -> str | None:
    start = page.find('id="r')
    found = page[start + 5 : page.find('"', start + 5)] if start >= 0 else ""
    return found if found.isdigit() else None
