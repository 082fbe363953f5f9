"""Import a sheet: upload, columns, dry run, import; each import can be left and found again."""

from uuid import UUID

from flask import (
    Blueprint,
    Response,
    abort,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField

from admin_views.identity import current_staff, settings
from admin_views.menu import MenuPage
from admin_views.screens import import_pages as pages
from admin_views.screens.import_columns import column_choices, column_guide, date_orders
from admin_views.shell import lead_to
from admin_views.stored_files import disposition
from errors import AppError
from files.date_cells import DateOrder
from files.store import FileStore
from jobs.imports import carry_out_import
from models.base import db
from models.system.file import File
from models.system.import_run import ImportRun, ImportState
from services.system.imports.fields import FIELDS, ImportSubject
from services.system.imports.runs import (
    XLSX,
    choose_columns,
    columns_of,
    import_with_public_id,
    past_imports,
    receive_upload,
    start_check,
    start_import,
    wrong_file_name,
)
from services.system.retelling import retold

blueprint = Blueprint("imports", __name__, url_prefix="/admin/imports")
RESOURCES = {ImportSubject.CUSTOMERS: "customer", ImportSubject.INVOICES: "document"}
PAST_A_PAGE = 50
MENU_PAGE = MenuPage(
    endpoint="imports",
    index_name="index",
    menu_path=(_l("System"), _l("Import")),
    menu_icon="file-import",
    menu_order=55,
    resource="import_run",
)


class UploadForm(FlaskForm):
    """Which file, and what is in it."""

    subject = RadioField(_l("What is in the sheet?"), choices=list(ImportSubject.labels().items()))
    file = FileField(_l("Sheet"), [FileRequired(_l("Choose a file."))])


@blueprint.get("/")
def index() -> ResponseReturnValue:
    _may("view")
    lead_to((_("System"), None), (_("Import"), None))
    page = max(request.args.get("page", 1, type=int), 1)
    found = db.paginate(past_imports(), page=page, per_page=PAST_A_PAGE, count=False)
    runs = [pages.past_import(run, url_for(".run", public_id=run.public_id)) for run in found.items]
    return render_template(
        "admin/imports/index.html",
        title=_("Imports"),
        runs=runs,
        newer=url_for(".index", page=page - 1) if page > 1 else None,
        older=url_for(".index", page=page + 1) if len(runs) == PAST_A_PAGE else None,
        new_url=url_for(".new") if _can("create") else None,
    )


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    subject = ImportSubject.named(request.values.get("subject") or ImportSubject.CUSTOMERS)
    _may("create")
    form = UploadForm(subject=subject.value)
    if form.validate_on_submit():
        _may_import(subject)
        try:
            run = receive_upload(
                form.file.data.read(),
                form.file.data.filename or "",
                subject=subject,
                store=_store(),
                lang=_lang(),
            )
        except AppError as problem:
            db.session.rollback()
            form.file.errors = [retold(problem.message)]
        else:
            db.session.commit()
            return redirect(url_for(".columns", public_id=run.public_id))
    lead_to((_("System"), None), (_("Import"), url_for(".index")), (_("New import"), None))
    page = render_template(
        "admin/imports/new.html",
        title=_("Import a sheet"),
        form=form,
        columns=column_guide(),
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/<uuid:public_id>/columns", methods=["GET", "POST"])
def columns(public_id: UUID) -> ResponseReturnValue:
    run = _find(public_id)
    subject = ImportSubject(run.subject)
    _may("create")
    _may_import(subject)
    problem = None
    if request.method == "POST":
        try:
            _keep_choice(run, subject)
            start_check(run)
            db.session.commit()
        except AppError as refused:
            problem = retold(refused.message)
            db.session.rollback()
        else:
            carry_out_import.enqueue(run.id)
            return redirect(url_for(".run", public_id=public_id))
    _lead_to(run)
    page = render_template(
        "admin/imports/columns.html",
        title=_("What is each column?"),
        run=run,
        filename=run.options["filename"],
        columns=column_choices(columns_of(run, _store()), subject, request.form),
        problem=problem,
        has_groups=subject is ImportSubject.CUSTOMERS,
        orders=date_orders() if subject is ImportSubject.INVOICES else (),
    )
    return page, 422 if problem else 200


@blueprint.get("/<uuid:public_id>")
def run(public_id: UUID) -> ResponseReturnValue:
    found = _find(public_id)
    _may("view")
    if found.state is ImportState.UPLOADED:
        return redirect(url_for(".columns", public_id=public_id))
    _lead_to(found)
    may_import = _can("create") and _can("import", RESOURCES[ImportSubject(found.subject)])
    return render_template(
        "admin/imports/run.html",
        **pages.import_page(found, page=request.args.get("page", 1, type=int)),
        may_import=may_import,
        run=found,
    )


@blueprint.get("/<uuid:public_id>/progress")
def progress(public_id: UUID) -> ResponseReturnValue:
    found = _find(public_id)
    _may("view")
    if found.state not in pages.UNDER_WAY:
        return Response(status=286, headers={"HX-Refresh": "true"})  # htmx stops asking
    return render_template("admin/imports/_progress.html", job=pages.progress_of(found), run=found)


@blueprint.post("/<uuid:public_id>/import")
def carry_out(public_id: UUID) -> ResponseReturnValue:
    found = _find(public_id)
    _may("create")
    _may_import(ImportSubject(found.subject))
    start_import(found)
    db.session.commit()
    carry_out_import.enqueue(found.id)
    return redirect(url_for(".run", public_id=public_id))


@blueprint.get("/<uuid:public_id>/wrong-rows")
def wrong_rows(public_id: UUID) -> ResponseReturnValue:
    found = _find(public_id)
    _may("view")
    file = db.session.get(File, found.wrong_file_id) if found.wrong_file_id else None
    if file is None:
        abort(404)
    answer = Response(_store().read(file.sha256), mimetype=XLSX)
    answer.headers["Content-Disposition"] = disposition("attachment", wrong_file_name(found))
    return answer


def _keep_choice(found: ImportRun, subject: ImportSubject) -> None:
    known = {field.name for field in FIELDS[subject]}
    chosen: dict[int, str | None] = {}
    for column in columns_of(found, _store()):
        field = request.form.get(f"column-{column.position}", "")
        chosen[column.position] = field if field in known else None
    order = request.form.get("date_order", "")
    choose_columns(
        found,
        chosen,
        store=_store(),
        create_groups="create_groups" in request.form,
        date_order=DateOrder(order) if order in list(DateOrder) else None,
    )


def _find(public_id: UUID) -> ImportRun:
    found: ImportRun | None = db.session.scalar(import_with_public_id(public_id))
    return found or abort(404)


def _can(action: str, resource: str = "import_run") -> bool:
    return current_staff().rights.allows(resource, action)


def _may(action: str) -> None:
    current_staff().rights.require("import_run", action)


def _may_import(subject: ImportSubject) -> None:
    current_staff().rights.require(RESOURCES[subject], "import")


def _lead_to(found: ImportRun) -> None:
    name = found.options["filename"]
    lead_to((_("System"), None), (_("Import"), url_for(".index")), (name, None))


def _store() -> FileStore:
    return FileStore(settings().files_url)


def _lang() -> str:
    return str(getattr(get_locale(), "language", "es"))
