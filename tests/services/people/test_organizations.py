"""What an organization may be called and reckon in."""

import pytest
from flask import Flask

from errors import Invalid
from services.people.staff import create_organization


@pytest.mark.parametrize("currency", ["ZZZ", "eur", "", "EURO"])
def test_a_currency_that_nobody_has_is_refused(app: Flask, currency: str) -> None:
    with pytest.raises(Invalid, match=r"EUR\."):
        create_organization("A", "Uno", currency=currency)
