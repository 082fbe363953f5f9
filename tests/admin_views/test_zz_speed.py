import time
import cProfile, pstats
from sqlalchemy import text
from models.base import db
from models.mailings.mailing import MailingRange, OneMailPer
from services.mailings.audience import Choice
from services.mailings.summary import summary_of
from services.mailings.range_counts import counts_of
from services.mailings.audience_counts import audience_counts
from services.mailings.message_size import sizes_of
from services.mailings.document_ranges import gaps_in, other_series_in
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.sales import make_document
from models.people.organization import Organization
from sqlalchemy import select


def test_speed(sign_in, organization):
    make_mail_account(address="b@b.test")
    c = make_customer()
    make_contact(c)
    make_document(c, number="1")
    db.session.commit()
    o = db.session.scalars(select(Organization.id)).first()

    def copy(table, skip, sets, n):
        cols = [
            r[0]
            for r in db.session.execute(
                text(
                    f"select column_name from information_schema.columns where table_name='{table}' and is_generated='NEVER' and column_name not in ('id')"
                )
            )
        ]
        exprs = [sets.get(k, f"t.{k}") for k in cols]
        db.session.execute(
            text(
                f"insert into {table} ({', '.join(cols)}) select {', '.join(exprs)} from {table} t, generate_series(2,{n}) g where t.id=(select min(id) from {table})"
            )
        )

    N = 10000
    copy(
        "customer",
        (),
        {"public_id": "gen_random_uuid()", "number": "'K'||g", "name": "'Kunde '||g"},
        N,
    )
    copy("contact", (), {"public_id": "gen_random_uuid()", "name": "'Ana '||g"}, N)
    m = dict(
        c="(select array_agg(id order by id) from customer)",
    )
    db.session.execute(
        text(
            "insert into contact_email (organization_id, contact_id, address, address_norm, is_default, state, created_at, updated_at) select organization_id, id, 'k'||id||'@kunde.test','k'||id||'@kunde.test', true,'ok', now(), now() from contact c where not exists (select from contact_email e where e.contact_id=c.id)"
        )
    )
    db.session.execute(
        text(
            "insert into customer_contact (organization_id, customer_id, contact_id, is_primary, roles, cc_mode, created_at, updated_at) select cu.organization_id, cu.id, co.id, true, array['billing'],'to', now(), now() from (select *, row_number() over (order by id) n from customer) cu join (select *, row_number() over (order by id) n from contact) co on co.n=cu.n where cu.n>1"
        )
    )
    copy(
        "document",
        (),
        {
            "public_id": "gen_random_uuid()",
            "number": "g::text",
            "number_int": "g",
            "customer_id": "(select min(id) from customer)+g-1",
        },
        N,
    )
    db.session.commit()
    db.session.execute(text("analyze")) if 0 else None
    choice = Choice(
        [MailingRange(series="FV", number_from=1, number_to=N + 5)],
        one_mail_per=OneMailPer.CUSTOMER,
    )
    for name, call in (
        ("summary", lambda: summary_of(choice)),
        ("summary", lambda: summary_of(choice)),
        ("counts", lambda: counts_of(choice.ranges)),
        ("reach", lambda: audience_counts(choice.ranges)),
        ("gaps", lambda: gaps_in(choice.ranges)),
        ("others", lambda: other_series_in(choice.ranges)),
    ):
        t = time.perf_counter()
        r = call()
        print(name, round((time.perf_counter() - t) * 1000), "ms")
    s = summary_of(choice)
    print(len(s.messages))
    t = time.perf_counter()
    sizes_of(s.messages, [], largest_allowed=25_000_000)
    print("sizes", round((time.perf_counter() - t) * 1000))
    client = sign_in("clerk", lang="en")
    for _ in range(3):
        t = time.perf_counter()
        a = client.post(
            "/mailings/new/summary",
            data={
                "series": "FV",
                "number_from": "1",
                "number_to": str(N),
                "who": "all",
                "contacts": "all",
                "one_mail_per": "customer",
                "account": "1",
                "subject": "x",
                "body": "y",
            },
        )
        print(
            "POST", a.status_code, round((time.perf_counter() - t) * 1000), "ms", "10,000" in a.text
        )
    p = cProfile.Profile()
    p.enable()
    summary_of(choice)
    p.disable()
    pstats.Stats(p).sort_stats("cumtime").print_stats(28)
