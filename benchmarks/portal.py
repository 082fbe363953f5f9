"""The portal at 1,000,000 documents of 20,000 customers: server time, requests a second, what row-level security costs.

Server time is that of whole pages through the test client, 95th percentile; requests a second are asked of gunicorn as
`script/server` starts it, from a process on the same machine. Prints one JSON object.
"""

import argparse
import contextvars
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app import create_app
from benchmarks._pace import seconds_of_a_loop
from benchmarks.portal_load.requests import requests_a_second
from benchmarks.portal_load.rows import LARGEST, SMALLEST, fill, put_walls, superuser
from embedded.services import running_services
from extensions import limiter
from models.base import db, utc_now
from models.people.contact import CustomerContact
from models.people.customer import Customer
from models.people.organization import Organization
from models.portal.portal_settings import PortalSettings
from models.portal.portal_user import MembershipState, PortalMembership, PortalUser
from models.sales.document import Document
from models.sales.document_state import DocumentKind
from models.tenancy import Actor, Scope, enter
from services.portal.portal_sessions import open_session
from services.system.database import prepare_database
from settings import Settings

ROWS = 1_000_000
VISITORS = 40
ROUNDS = 5
WALL_ROUNDS = 16
WALL_PAGES = 10
MOST_MS, LEAST_A_SECOND, MOST_WALL = 40, 300, 1.10

Page = Callable[[], float]


def run(arguments: argparse.Namespace | None = None) -> dict[str, Any]:
    """The figures of this machine."""
    rows = getattr(arguments, "rows", None) or ROWS
    pace = [seconds_of_a_loop()]
    with tempfile.TemporaryDirectory(prefix="vt-p-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        env = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
        with running_services(folder / "data", env) as urls:
            env |= urls.as_environment() | {"PUBLIC_BASE_URL": "http://127.0.0.1"}
            settings = Settings.from_env({**env, "LOG_LEVEL": "ERROR"})
            prepare_database(settings.database_url, settings.logins())
            app = create_app(settings)
            limiter.enabled = False
            with app.app_context(), superuser(settings, urls.superuser_url or "") as around:
                organization = Organization(code="BENCH", name="Distribuidora Peñalba")
                db.session.add(organization)
                db.session.commit()
                fill(around, organization.id, rows)
                visits = _visits(organization.id)
                pages = _pages(app, visits)
                server = {name: _percentiles(_sample(of)) for name, of in pages.items()}
                sizes = _sizes(app, visits)
                walls = _cost_of_walls(around, pages)
                db.session.remove()
                usual = [visit for visit in visits if visit.number != LARGEST]
                load = requests_a_second(app, env, usual)
                db.engine.dispose()
    pace.append(seconds_of_a_loop())
    met = {
        "server_time": all(each["p95"] < MOST_MS for each in server.values()),
        "requests_a_second": load["requests_a_second"] >= LEAST_A_SECOND,
        "walls": max(walls.values()) < MOST_WALL,
    }
    return {
        "benchmark": "portal",
        "rows": rows,
        "server_ms": server,
        "pages_by_size_ms": sizes,
        "walls_ratio": walls,
        "gunicorn": load,
        "pace_s": pace,
        "load_average": os.getloadavg()[0],
        "wanted": {
            "p95_ms": MOST_MS,
            "requests_a_second": LEAST_A_SECOND,
            "walls_ratio": MOST_WALL,
        },
        "met": met,
    }


class Visit:
    """Somebody who stands at a customer: their addresses and their cookie."""

    def __init__(self, customer: Customer, root: str, token: str, document: Any) -> None:
        self.number, self.token = customer.number, token
        self.urls = {
            "home": f"{root}/",
            "list": f"{root}/invoices",
            "document": f"{root}/documents/{document}",
        }


def _visits(organization_id: int) -> list[Visit]:
    """The largest customer, the smallest, and some of those between."""
    enter(Scope(organization_id=organization_id, actor=Actor(name="benchmark")))
    name = db.session.scalars(select(PortalSettings.name)).one()
    step = 20_000 // VISITORS
    numbers = [LARGEST, SMALLEST, *(f"C{3 + each * step}" for each in range(VISITORS - 2))]
    visits = []
    for customer in db.session.scalars(select(Customer).where(Customer.number.in_(numbers))):
        contact_id = db.session.scalars(
            select(CustomerContact.contact_id).where(CustomerContact.customer_id == customer.id)
        ).one()
        user = PortalUser(email=f"{customer.number}@example.com", name=customer.number)
        db.session.add(user)
        db.session.flush()
        membership = PortalMembership(
            portal_user_id=user.id,
            customer_id=customer.id,
            contact_id=contact_id,
            state=MembershipState.VALIDATED,
            validated_at=utc_now(),
        )
        db.session.add(membership)
        db.session.flush()
        token = open_session(user, membership, hours=4, ip=None, user_agent=None)
        document = db.session.scalar(
            select(Document.public_id)
            .where(Document.customer_id == customer.id, Document.kind == DocumentKind.INVOICE)
            .order_by(Document.issue_date.desc())
            .limit(1)
        )
        visits.append(Visit(customer, f"/portal/{name}", token, document))
    db.session.commit()
    return visits


def _pages(app: Any, visits: list[Visit]) -> dict[str, list[Page]]:
    """The pages of everybody but the largest, whose home is named apart."""
    usual = [visit for visit in visits if visit.number != LARGEST]
    largest = next(visit for visit in visits if visit.number == LARGEST)
    found = {
        name: [_page(app, visit, visit.urls[name]) for visit in usual]
        for name in ("home", "list", "document")
    }
    found["home_of_largest"] = [_page(app, largest, largest.urls["home"])] * 8
    return found


def _page(app: Any, visit: Visit, url: str) -> Page:
    client = app.test_client()
    client.set_cookie("portal", visit.token)

    def page() -> float:
        begin = time.perf_counter()
        answer = contextvars.Context().run(client.get, url)  # in a context of its own
        answer.get_data()
        taken = (time.perf_counter() - begin) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{url} answered {answer.status_code}")
        return taken

    return page


def _sample(pages: list[Page]) -> list[float]:
    for page in pages[:5]:
        page()
    return [page() for _round in range(ROUNDS) for page in pages]


def _percentiles(taken: list[float]) -> dict[str, float]:
    return {
        "p50": round(statistics.median(taken), 1),
        "p95": round(statistics.quantiles(taken, n=20)[-1], 1),
    }


def _sizes(app: Any, visits: list[Visit]) -> dict[str, float]:
    """The list of 50,000 at its begin and deep inside, and the list of five: medians, in turn."""
    by_number = {visit.number: visit for visit in visits}
    large, small = by_number[LARGEST], by_number[SMALLEST]
    middle = "?after=2023-02-05.1"
    pages = {
        "five": _page(app, small, small.urls["list"]),
        "fifty_thousand_first": _page(app, large, large.urls["list"]),
        "fifty_thousand_deep": _page(app, large, large.urls["list"] + middle),
    }
    taken: dict[str, list[float]] = {name: [] for name in pages}
    for number in range(-2, 25):
        for name, page in pages.items():
            milliseconds = page()
            if number >= 0:
                taken[name].append(milliseconds)
    return {name: round(statistics.median(each), 1) for name, each in taken.items()}


def _cost_of_walls(around: Any, pages: dict[str, list[Page]]) -> dict[str, float]:
    """Server time with the walls by server time without: of medians taken in turn, the ratios of the rounds, their median.

    Rounds are short, since such a machine is faster at one time than at another.
    """
    ratios: dict[str, list[float]] = {name: [] for name in pages}
    for number in range(WALL_ROUNDS):
        taken: dict[tuple[str, bool], float] = {}
        for up in (True, False) if number % 2 else (False, True):
            put_walls(around, up=up)
            for name, of in pages.items():
                some = (of * 2)[number % len(of) :][:WALL_PAGES]
                for page in some:
                    page()  # plans are made anew
                taken[name, up] = statistics.median(page() for page in some)
        for name, found in ratios.items():
            found.append(taken[name, True] / taken[name, False])
    put_walls(around, up=True)
    return {name: round(statistics.median(found), 3) for name, found in ratios.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    print(json.dumps(run(parser.parse_args()), ensure_ascii=False))


if __name__ == "__main__":
    main()
