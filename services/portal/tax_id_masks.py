"""The form that a customer group's tax ids have (X0-03): 9 is a digit, A a letter, * either; separators do not matter."""

from flask_babel import gettext as _

from errors import Invalid
from models.people.customer_group import CustomerGroup
from services.people.tax_ids import check_tax_id


def checked_tax_id(
    written: str, tax_id_type: str | None, group: CustomerGroup | None
) -> tuple[str | None, str]:
    """The type and the id in its short form; raises Invalid for a wrong check digit, or a form that is not the group's."""
    mask = mask_of(group)
    if mask and not fits_mask(written, mask):
        raise Invalid(_("It is written like this: %(mask)s", mask=mask), field="tax_id")
    return check_tax_id(written, tax_id_type)


def mask_of(group: CustomerGroup | None) -> str | None:
    """The form that the group says, or a group above it."""
    while group is not None:
        if group.tax_id_mask:
            return group.tax_id_mask
        group = group.parent
    return None


def fits_mask(written: str, mask: str) -> bool:
    """Whether the letters and digits of an id are those that the mask wants, whatever stands between them."""
    signs = [sign for sign in written if sign.isalnum()]
    wanted = [sign for sign in mask if sign.isalnum() or sign == "*"]
    return len(signs) == len(wanted) and all(map(_fits, signs, wanted))


def bare_tax_id(tax_id: str) -> str:
    """A tax id to be compared: its letters and digits."""
    return "".join(sign for sign in tax_id if sign.isalnum()).upper()


def _fits(sign: str, wanted: str) -> bool:
    if wanted == "9":
        return sign.isdecimal()
    if wanted == "A":
        return sign.isalpha()
    return wanted == "*" or sign.upper() == wanted.upper()
