"""Projects of the demo company with tasks and hours, and what was written about them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from models.base import db
from models.people.customer import Customer
from models.people.user import User
from models.portal.portal_user import PortalUser
from models.sales.document import Document
from models.sales.document_state import DocumentKind, DocumentState
from models.work.comment import Comment, CommentVisibility
from models.work.project import Project, ProjectState, Task, TaskState
from models.work.time_entry import TimeEntry, TimeEntryState


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


def make_work(
    customer: Customer, other: Customer, user: PortalUser, staff: User, today: date
) -> None:
    """All projects for one customer, one of them for another, too; and a conversation with the first."""
    for work in PROJECTS:
        _project(customer, work, staff, today)
    _project(other, PROJECTS[0], staff, today, code="PR-111")
    _conversation(customer, user, staff, today)


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
                description="En sitio",
                state=became,
            )
            for days, minutes, became in own
        )
    db.session.flush()


def _conversation(customer: Customer, user: PortalUser, staff: User, today: date) -> None:
    project = db.session.scalars(
        select(Project).where(Project.customer_id == customer.id).order_by(Project.id).limit(1)
    ).one()
    invoice = newest(customer, DocumentKind.INVOICE)
    said = (
        (
            project,
            staff,
            3,
            17,
            "Quedaron 14 cuerpos montados. El jueves necesitamos libre el pasillo 3.",
        ),
        (project, user, 2, 8, "De acuerdo, lo despejamos el miércoles por la tarde."),
        (project, staff, 2, 9, "Perfecto, llegamos a las 7. ¿Quién nos recibe?"),
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
        _comment(customer, about, author, moment(today, days, hour), body)
    _comment(
        customer,
        None,
        staff,
        moment(today, 6, 11),
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


def newest(customer: Customer, kind: DocumentKind) -> Document:
    found: Document = db.session.scalars(
        select(Document)
        .where(Document.customer_id == customer.id, Document.kind == kind)
        .where(Document.state != DocumentState.DRAFT)
        .order_by(Document.issue_date.desc(), Document.id.desc())
        .limit(1)
    ).one()
    return found


def moment(today: date, days: int, hour: int) -> datetime:
    """A moment of an office day in Bogotá, some days ago."""
    return datetime.combine(today - timedelta(days=days), time(hour + 5), UTC)
