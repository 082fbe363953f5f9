"""The three organizations of the demo: what differs between them."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from stdnum.co import nit
from stdnum.es import cif
from stdnum.mx import rfc


@dataclass(frozen=True)
class Company:
    """One organization: where it is, what it charges, and its share of everything."""

    code: str
    name: str
    legal_name: str
    country: str
    lang: str
    currency: str
    timezone: str
    legal_form: str
    price_factor: Decimal
    tax_name: str
    tax_rate: Decimal
    tax_id_type: str
    tax_id: str
    address: str
    payment_instructions: str
    phone: str
    domain: str
    brand_color: str
    make_tax_id: Callable[[random.Random], str]
    customers: int
    contacts: int
    documents: int
    branches: tuple[tuple[str, str], ...]


def colombian(chance: random.Random) -> str:
    digits = str(chance.randint(800_000_000, 901_999_999))
    return digits + nit.calc_check_digit(digits)


def spanish(chance: random.Random) -> str:
    body = chance.choice("AB") + f"{chance.randint(10_000_000, 99_999_999)}"[:7]
    return next(body + digit for digit in "0123456789" if cif.is_valid(body + digit))


def mexican(chance: random.Random) -> str:
    letters = "".join(chance.choice("ABCDEFGHJKLMNPRSTV") for _ in range(3))
    body = (
        f"{letters}{chance.randint(1, 23):02}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    )
    body += "".join(chance.choice("123456789ABC") for _ in range(2))
    return body + rfc.calc_check_digit(body)


COMPANIES = (
    Company(
        code="PENALBA",
        name="Distribuidora Peñalba",
        legal_name="Distribuidora Peñalba S. A. S.",
        country="CO",
        lang="es",
        currency="COP",
        timezone="America/Bogota",
        legal_form="S. A. S.",
        price_factor=Decimal(4100),
        tax_name="IVA",
        tax_rate=Decimal(19),
        tax_id_type="co.nit",
        tax_id="9001234568",
        address="Carrera 11 n.º 93-53, oficina 402\nBogotá D. C.\nColombia",
        payment_instructions="Transferencia a Distribuidora Peñalba S. A. S.\n"
        "Banco de la Demostración, cuenta corriente 000-123456-78",
        phone="+57 601 745 2310",
        domain="penalba.example",
        brand_color="#0b5a73",
        make_tax_id=colombian,
        customers=220,
        contacts=500,
        documents=3_600,
        branches=(("BOG", "Bogotá Centro"), ("MED", "Medellín Laureles")),
    ),
    Company(
        code="PENALBA-ES",
        name="Peñalba España",
        legal_name="Peñalba España, S. L.",
        country="ES",
        lang="es",
        currency="EUR",
        timezone="Europe/Madrid",
        legal_form="S. L.",
        price_factor=Decimal(1),
        tax_name="IVA",
        tax_rate=Decimal(21),
        tax_id_type="es.cif",
        tax_id="B86437217",
        address="Calle de Núñez de Balboa 112, 3.º\n28006 Madrid\nEspaña",
        payment_instructions="Transferencia a la cuenta ES00 0000 0000 0000 0000 0000",
        phone="+34 910 482 117",
        domain="penalba-es.example",
        brand_color="#7a2e5d",
        make_tax_id=spanish,
        customers=110,
        contacts=240,
        documents=1_500,
        branches=(("MAD", "Madrid"),),
    ),
    Company(
        code="PENALBA-MX",
        name="Peñalba México",
        legal_name="Peñalba México, S. A. de C. V.",
        country="MX",
        lang="es",
        currency="MXN",
        timezone="America/Mexico_City",
        legal_form="S. A. de C. V.",
        price_factor=Decimal(20),
        tax_name="IVA",
        tax_rate=Decimal(16),
        tax_id_type="mx.rfc",
        tax_id="PME190612AB7",
        address="Av. Insurgentes Sur 1602, piso 7\n03940 Ciudad de México\nMéxico",
        payment_instructions="Transferencia SPEI a la CLABE 000000000000000000",
        phone="+52 55 4170 2298",
        domain="penalba-mx.example",
        brand_color="#1f6b45",
        make_tax_id=mexican,
        customers=70,
        contacts=160,
        documents=900,
        branches=(("CMX", "Ciudad de México"),),
    ),
)
