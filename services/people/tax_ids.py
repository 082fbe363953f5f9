"""Tax ids, checked by python-stdnum under the names people use for them."""

from importlib import import_module
from types import ModuleType

from flask_babel import gettext as _
from stdnum.exceptions import InvalidChecksum, ValidationError

from errors import Invalid

# Plain name -> stdnum module; the full name (es.nif) works for every country that stdnum knows.
PLAIN_NAMES = {
    "NIF": "es.nif",
    "CIF": "es.cif",
    "NIT": "co.nit",
    "RFC": "mx.rfc",
    "RUC": "pe.ruc",
    "RUT": "cl.rut",
    "CUIT": "ar.cuit",
    "RNC": "do.rnc",
    "RTN": "hn.rtn",
    "CNPJ": "br.cnpj",
    "VAT": "eu.vat",
}
DROPDOWN = tuple(PLAIN_NAMES.items())


def known_type(name: str) -> str:
    """The stdnum name (`co.nit`) of a type given as such or by its plain name; raises Invalid."""
    wanted = PLAIN_NAMES.get(name.strip().upper(), name.strip().lower())
    _module(wanted)
    return wanted


def plain_name(tax_id_type: str) -> str:
    """How people call the type: `NIT` for `co.nit`."""
    for plain, full in PLAIN_NAMES.items():
        if full == tax_id_type:
            return plain
    return tax_id_type.rpartition(".")[2].upper()


def check_tax_id(tax_id: str, tax_id_type: str | None) -> tuple[str | None, str]:
    """The type and the id in its short form; without a type it is only stripped. Raises Invalid."""
    if not tax_id_type:
        return None, tax_id.strip()
    full = known_type(tax_id_type)
    module = _module(full)
    try:
        return full, module.validate(tax_id.strip())
    except InvalidChecksum:
        raise Invalid(
            _("The check digit of %(type)s %(id)s is wrong.", type=plain_name(full), id=tax_id),
            field="tax_id",
        ) from None
    except ValidationError:
        raise Invalid(
            _("“%(id)s” is not a valid %(type)s.", type=plain_name(full), id=tax_id), field="tax_id"
        ) from None


def is_tax_id(written: str, tax_id_type: str) -> bool:
    """Whether it is one of this type; a type that nobody knows has none."""
    try:
        check_tax_id(written, tax_id_type)
    except Invalid:
        return False
    return True


def shown_tax_id(tax_id: str, tax_id_type: str | None) -> str:
    """The id as people write it in its country, such as 900.123.456-8."""
    module = _module(tax_id_type) if tax_id_type else None
    form = getattr(module, "format", None)
    return str(form(tax_id)) if form else tax_id


def _module(name: str) -> ModuleType:
    country, _dot, kind = name.partition(".")
    if country.isidentifier() and kind.isidentifier():
        try:
            module = import_module(f"stdnum.{country}.{kind}")
        except ModuleNotFoundError:
            module = None
        if module is not None and hasattr(module, "validate"):
            return module
    raise Invalid(_("“%(name)s” is not a known type of tax id.", name=name), field="tax_id_type")
