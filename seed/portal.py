"""The portal of the demo company: who may enter, what they see there, and what was written to and fro."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from models.base import db
from models.people.contact import Contact, CustomerContact
from models.people.customer import Address, AddressKind, Customer
from models.people.customer_group import CustomerGroup
from models.people.user import User
from models.portal.portal_event import EventActor, PortalEvent, PortalEventKind
from models.portal.portal_settings import PortalSettings
from models.portal.portal_user import MembershipState, PortalMembership, PortalUser
from models.portal.review import Review
from models.sales.document import Document
from models.sales.document_state import DocumentKind, DocumentState
from models.work.comment import Comment, CommentVisibility
from models.work.project import Project, ProjectState, Task, TaskState
from models.work.time_entry import TimeEntry, TimeEntryState
from seed.staff import DEMO_PASSWORD, SIGN_INS
from services.people.passwords import hasher

GROUPS_WITH_PORTAL = ("MAYOR", "MINOR")
CUSTOMERS = 4
LOGIN = "cliente"  # of the first one; the others sign in with their address
BANNER = {
    "es": "<p>Del 24 al 26 de diciembre no despachamos. Los pedidos que lleguen antes del día 20 salen a tiempo.</p>",
    "en": "<p>We do not ship from 24 to 26 December. Orders that arrive before the 20th leave in time.</p>",
}


@dataclass(frozen=True)
class Work:
    """A project of the demo: its tasks with days before today, minutes and what became of them."""

    code: str
    name: str
    description: str
    planned_hours: int
    tasks: tuple[tuple[str, TaskState, tuple[tuple[int, int, TimeEntryState], ...]], ...]


_E = TimeEntryState
PROJECTS = (
    Work(
        code="PR-104",
        name="Estanterías de la bodega Itagüí",
        description="Montaje de 24 cuerpos de estantería pesada, con anclaje y prueba de carga.",
        planned_hours=60,
        tasks=(
            ("Plano y medidas", TaskState.DONE, ((26, 480, _E.BILLED),)),
            (
                "Desmontaje de lo antiguo",
                TaskState.DONE,
                ((21, 450, _E.BILLED), (20, 300, _E.BILLED)),
            ),
            (
                "Montaje de 24 cuerpos",
                TaskState.DOING,
                (
                    (9, 420, _E.APPROVED),
                    (8, 360, _E.APPROVED),
                    (2, 300, _E.UNBILLED),
                    (1, 240, _E.UNBILLED),
                ),
            ),
            ("Anclaje y prueba de carga", TaskState.TO_DO, ()),
        ),
    ),
    Work(
        code="PR-098",
        name="Señalización de seguridad",
        description="Levantamiento, señales y capacitación del personal de bodega.",
        planned_hours=18,
        tasks=(
            ("Levantamiento", TaskState.DONE, ((58, 240, _E.BILLED),)),
            ("Instalación", TaskState.DONE, ((51, 420, _E.BILLED),)),
            ("Capacitación", TaskState.DONE, ((44, 180, _E.BILLED),)),
        ),
    ),
)


def make_portal(today: date) -> None:
    """For the organization in scope; whoever is signed in there is found by what they owe and were offered."""
    _switch_on(today)
    customers = _customers(today)
    staff = db.session.scalars(select(User).where(User.email == SIGN_INS[0][0])).one()
    password = hasher.hash(DEMO_PASSWORD)
    users = [
        _member(customer, password, login=LOGIN if at == 0 else None, today=today)
        for at, customer in enumerate(customers)
    ]
    first, user = customers[0], users[0]
    for other in customers[1:2]:
        _also_at(other, user, today)
    for work in PROJECTS:
        _project(first, work, staff, today)
    _project(customers[-1], PROJECTS[0], staff, today, code="PR-111")
    _conversation(first, user, staff, today)
    _visits(first, user, today)
    db.session.add(
        Review(
            customer_id=first.id,
            portal_user_id=user.id,
            rating=5,
            body="Llegan el día que dicen y el portal nos ahorra llamadas. La última factura vino con el flete bien.",
            reply="Gracias por contarlo. Se lo pasamos a Diana y a los de bodega.",
            replied_at=_at(today, 4, 10),
        )
    )
    db.session.flush()


def _switch_on(today: date) -> None:
    for group in db.session.scalars(
        select(CustomerGroup).where(CustomerGroup.code.in_(GROUPS_WITH_PORTAL))
    ):
        group.uses_portal = True
    settings = db.session.scalars(select(PortalSettings)).one()
    settings.show_projects = settings.allow_reviews = settings.allow_card_edit = True
    settings.banner, settings.banner_to = BANNER, today + timedelta(days=60)
    db.session.flush()


def _customers(today: date) -> list[Customer]:
    """Of these groups, those whose primary contact has an address; first whoever has a quote to answer."""
    waiting = (
        select(Document.customer_id)
        .where(
            Document.kind == DocumentKind.QUOTE,
            Document.state == DocumentState.POSTED,
            Document.due_date >= today,
        )
        .scalar_subquery()
    )
    query = (
        select(Customer)
        .join(CustomerGroup, CustomerGroup.id == Customer.customer_group_id)
        .where(CustomerGroup.uses_portal, Customer.lang == "es", ~Customer.on_hold)
        .order_by(Customer.id.not_in(waiting), Customer.id)
    )
    return [each for each in db.session.scalars(query) if _primary(each).emails][:CUSTOMERS]


def _primary(customer: Customer) -> Contact:
    link = db.session.scalars(CustomerContact.of_customer(customer).limit(1)).one()
    contact: Contact = link.contact
    return contact


def _member(customer: Customer, password: str, *, login: str | None, today: date) -> PortalUser:
    contact = _primary(customer)
    address = contact.emails[0].address
    user = PortalUser(
        email=address,
        login=login or address,
        name=contact.name,
        email_verified_at=_at(today, 40, 9),
        password_hash=password,
        last_signed_in_at=_at(today, 1, 9),
    )
    user.memberships.append(_membership(customer, contact, today))
    db.session.add(user)
    db.session.add(
        Address(
            customer_id=customer.id,
            kind=AddressKind.SHIPPING,
            street="Bodega Itagüí, Cra. 50 n.º 31-08",
            postcode="055412",
            city="Itagüí",
            region="Antioquia",
            country="CO",
        )
    )
    db.session.flush()
    return user


def _also_at(customer: Customer, user: PortalUser, today: date) -> None:
    """The same person looks after a second customer."""
    person = user.memberships[0].contact
    db.session.add(
        CustomerContact(
            customer_id=customer.id, contact_id=person.id, roles=["billing", "statements"]
        )
    )
    db.session.flush()
    user.memberships.append(_membership(customer, person, today))


def _membership(customer: Customer, contact: Contact, today: date) -> PortalMembership:
    return PortalMembership(
        customer_id=customer.id,
        contact_id=contact.id,
        state=MembershipState.VALIDATED,
        invited_at=_at(today, 41, 9),
        started_at=_at(today, 40, 9),
        validated_at=_at(today, 40, 11),
    )


def _project(
    customer: Customer, work: Work, staff: User, today: date, *, code: str | None = None
) -> None:
    entries = [entry for _name, _state, own in work.tasks for entry in own]
    is_over = all(state is TaskState.DONE for _name, state, _own in work.tasks)
    project = Project(
        code=code or work.code,
        name=work.name,
        customer_id=customer.id,
        description=work.description,
        planned_minutes=work.planned_hours * 60,
        starts_on=today - timedelta(days=max(days for days, _minutes, _state in entries)),
        state=ProjectState.DONE if is_over else ProjectState.ACTIVE,
    )
    db.session.add(project)
    db.session.flush()
    for position, (name, state, own) in enumerate(work.tasks):
        task = Task(
            project_id=project.id,
            customer_id=customer.id,
            position=position,
            name=name,
            state=state,
            due_on=None if state is TaskState.DONE else today + timedelta(days=4 + position),
        )
        db.session.add(task)
        db.session.flush()
        db.session.add_all(
            TimeEntry(
                task_id=task.id,
                project_id=project.id,
                customer_id=customer.id,
                user_id=staff.id,
                worked_on=today - timedelta(days=days),
                minutes=minutes,
                description=name,
                state=became,
            )
            for days, minutes, became in own
        )
    db.session.flush()


def _conversation(customer: Customer, user: PortalUser, staff: User, today: date) -> None:
    project = db.session.scalars(
        select(Project).where(Project.customer_id == customer.id).order_by(Project.id).limit(1)
    ).one()
    invoice = _newest(customer, DocumentKind.INVOICE)
    said = (
        (
            project,
            staff,
            3,
            17,
            "Quedaron 14 cuerpos montados. El jueves necesitamos libre el pasillo 3.",
        ),
        (project, user, 2, 8, "De acuerdo, lo despejamos el miércoles por la tarde."),
        (project, staff, 2, 9, "Perfecto, llegamos a las 7."),
        (
            invoice,
            user,
            5,
            15,
            "El flete de esta factura, ¿es el de los dos despachos o solo el de Medellín?",
        ),
        (
            invoice,
            staff,
            5,
            16,
            "Es el de los dos. Le enviamos el detalle con la próxima remisión.",
        ),
    )
    for about, author, days, hour, body in said:
        _comment(customer, about, author, _at(today, days, hour), body)
    _comment(
        customer,
        None,
        staff,
        _at(today, 6, 11),
        "Prefieren que los llamemos después de las 10.",
    )


def _comment(
    customer: Customer,
    about: Project | Document | None,
    author: PortalUser | User,
    at: datetime,
    body: str,
) -> None:
    db.session.add(
        Comment(
            customer_id=customer.id,
            document_id=about.id if isinstance(about, Document) else None,
            project_id=about.id if isinstance(about, Project) else None,
            user_id=author.id if isinstance(author, User) else None,
            portal_user_id=author.id if isinstance(author, PortalUser) else None,
            author_name=author.name,
            visibility=CommentVisibility.INTERNAL if about is None else CommentVisibility.CUSTOMER,
            body=body,
            at=at,
        )
    )
    db.session.flush()


def _visits(customer: Customer, user: PortalUser, today: date) -> None:
    """What they did there; nobody is told of it any more."""
    invoice = _newest(customer, DocumentKind.INVOICE)
    done = (
        (PortalEventKind.SIGNED_IN, None, 5, 14),
        (PortalEventKind.VIEWED_FIRST, invoice, 5, 15),
        (PortalEventKind.DOWNLOADED, invoice, 5, 15),
        (PortalEventKind.SIGNED_IN, None, 1, 9),
    )
    db.session.add_all(
        PortalEvent(
            customer_id=customer.id,
            kind=kind,
            document_id=document.id if document else None,
            actor=EventActor.PORTAL_USER,
            portal_user_id=user.id,
            actor_name=user.name,
            at=_at(today, days, hour),
            told_at=_at(today, days, hour),
        )
        for kind, document, days, hour in done
    )
    db.session.flush()


def _newest(customer: Customer, kind: DocumentKind) -> Document:
    found: Document = db.session.scalars(
        select(Document)
        .where(Document.customer_id == customer.id, Document.kind == kind)
        .where(Document.state != DocumentState.DRAFT)
        .order_by(Document.issue_date.desc(), Document.id.desc())
        .limit(1)
    ).one()
    return found


def _at(today: date, days: int, hour: int) -> datetime:
    """A moment of an office day in Bogotá, some days ago."""
    return datetime.combine(today - timedelta(days=days), time(hour + 5), UTC)
