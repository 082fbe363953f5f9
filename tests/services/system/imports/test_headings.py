"""A sheet whose headings are the words of our own pages is understood without a question."""

import pytest
from flask import Flask
from flask_babel import force_locale

from files.column_mapping import map_columns
from services.system.imports.fields import FIELD_LABELS, FIELDS, ImportSubject


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("subject", list(ImportSubject))
def test_the_name_of_a_field_on_the_page_is_a_heading(
    app: Flask, subject: ImportSubject, language: str
) -> None:
    fields = FIELDS[subject]
    with app.test_request_context(), force_locale(language):
        header = [str(FIELD_LABELS[field.name]) for field in fields]

    mapping = map_columns(header, fields)

    assert mapping.problems == ()
    assert list(mapping.columns) == [field.name for field in fields]
