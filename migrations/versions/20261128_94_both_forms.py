"""Compare the people of messages by the form of their domain that goes over the wire, as all other addresses are."""

import unicodedata

import idna
import sqlalchemy as sa
from alembic import op

revision = "20261128_94_both_forms"
down_revision = "20261128_93_presence"
branch_labels = None
depends_on = None

# Few are written so: most programs give the domain in ASCII.
FOUND = sa.text(
    "SELECT DISTINCT address_norm FROM message_party WHERE address_norm ~ '[^\\x01-\\x7f]'"
)
CHANGED = sa.text("UPDATE message_party SET address_norm = :now WHERE address_norm = :before")


def upgrade() -> None:
    connection = op.get_bind()
    for before in connection.scalars(FOUND).all():
        now = _comparable(before)
        if now != before:
            connection.execute(CHANGED, {"before": before, "now": now})


def downgrade() -> None:
    """Both forms have become one; the addresses themselves stand beside."""
    op.execute(
        "UPDATE message_party SET address_norm = lower(address) WHERE address_norm <> lower(address)"
    )


def _comparable(address: str) -> str:
    local, at, domain = address.strip().lower().rpartition("@")
    try:
        host = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        host = domain
    return f"{unicodedata.normalize('NFC', local)}{at}{host}"
