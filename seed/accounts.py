"""The mail accounts of the people in the demo: most at the demo's own mail server, some in trouble, some missing.

How they stand is not made up: a worker tests them as soon as the product runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from models.base import db
from models.mailbox.letterhead import Letterhead
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import MailSecurity
from models.people.organization import Department, Organization
from models.people.user import User
from seed.companies import Company
from seed.words import plain
from services.mailbox.checks import ask_check
from services.mailbox.default_domain import keep_default_domain

HOST = "127.0.0.1"
PASSWORD = "clave de correo"  # nosec B105  # the demo's server takes every one but those that have expired
EXPIRED = "vencida en julio"  # nosec B105  # this one
EVERY_HOW_MANY_WITHOUT = 5
SIGNATURE = """\
<p>Saludos,</p>
<p><strong>{{{{ user.name }}}}</strong><br>{{{{ user.position }}}} · {{{{ organization.name }}}}<br>{{{{ user.phone }}}}</p>"""
FOOTER = '<p style="font-size:12px">{address}</p>'


@dataclass(frozen=True, slots=True)
class DemoServer:
    """The demo's own mail server, on this machine."""

    smtp_port: int
    imap_port: int

    def account(self, address: str, **fields: Any) -> MailAccount:
        """An account there, with its login and without its password."""
        return MailAccount(
            address=address,
            smtp_host=HOST,
            smtp_port=self.smtp_port,
            smtp_security=MailSecurity.NONE,
            imap_host=HOST,
            imap_port=self.imap_port,
            imap_security=MailSecurity.NONE,
            login=address,
            **fields,
        )


class Fate(Enum):
    """What there is to see of somebody's account."""

    WORKS = auto()
    WITHOUT = auto()
    REFUSED = auto()  # its password has expired
    NO_SERVER = auto()  # the name of its server does not exist
    NO_PASSWORD = auto()  # nobody has written it yet
    UNTESTED = auto()
    OFF = auto()


SPECIAL = {
    3: Fate.REFUSED,
    5: Fate.NO_SERVER,
    7: Fate.NO_PASSWORD,
    8: Fate.UNTESTED,
    11: Fate.OFF,
}


def make_accounts(company: Company, people: Sequence[User], server: DemoServer) -> None:
    """For these people of one organization, within its scope; the tests are asked for, not made."""
    keep_default_domain(None, company.domain)
    made = []
    for number, person in enumerate(people):
        fate = _fate(number)
        if fate is not Fate.WITHOUT:
            account = _account(person, company, fate, server)
            made.append((account, fate))
            db.session.add(account)
    db.session.flush()
    ask_check([account for account, fate in made if fate not in (Fate.UNTESTED, Fate.OFF)])


def make_letterheads(
    company: Company, organization: Organization, departments: dict[str, Department]
) -> None:
    """What the company says around its messages, and one department in its own words.

    None has a header, so that the messages show the product's own: name and colour of the company.
    """
    organization.users_write_letterhead = True
    address = ", ".join(company.address.splitlines())
    said = {"address": f"{company.legal_name} · {address}"}
    db.session.add_all(
        [
            Letterhead(
                signature_html=SIGNATURE.format(**said),
                footer_html=FOOTER.format(**said),
            ),
            Letterhead(
                department_id=departments["COBR"].id,
                signature_html=SIGNATURE.format(**said)
                + "\n<p>¿Ya pagó? Responda con el comprobante y lo registramos hoy.</p>",
            ),
        ]
    )
    db.session.flush()


def _fate(number: int) -> Fate:
    if number in SPECIAL:
        return SPECIAL[number]
    is_without = number % EVERY_HOW_MANY_WITHOUT == EVERY_HOW_MANY_WITHOUT - 1
    return Fate.WITHOUT if is_without else Fate.WORKS


def _account(person: User, company: Company, fate: Fate, server: DemoServer) -> MailAccount:
    account = server.account(
        f"{plain(person.name)}@{company.domain}",
        owner=person,
        display_name=person.name,
        is_active=fate is not Fate.OFF,
    )
    if fate is Fate.NO_PASSWORD:
        account.login = None
    else:
        account.password = EXPIRED if fate is Fate.REFUSED else PASSWORD
    if fate is Fate.NO_SERVER:
        account.smtp_host, account.smtp_port = f"smtp.{company.domain}", 587
        account.smtp_security = MailSecurity.STARTTLS
        account.imap_host, account.imap_port = f"imap.{company.domain}", 993
        account.imap_security = MailSecurity.TLS
    return account
