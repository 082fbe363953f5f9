"""Writing a mailing in a browser: one journey for each promise of the page."""

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import func, select, update

from jobs.mailings import deliver_due
from models.base import db, utc_now
from models.mailings.mailing import Mailing
from models.sales.document import CreditNote
from models.sales.document_state import DocumentState
from tests.factories.people import make_user
from tests.factories.sales import make_document
from tests.journeys.conftest import Company
from tests.journeys.inspection import Complaints, look_at
from tests.journeys.product import Product

SignIn = Callable[..., None]
LONG = 60_000


@pytest.fixture
def form(company: Company, page: Page, sign_in: SignIn) -> Page:
    """The empty page, signed in."""
    sign_in(page, company.clerk.email)
    page.goto("/mailings/new")
    return page


def choose_all(page: Page) -> None:
    """All invoices of the series."""
    page.get_by_label("Prefijo").first.select_option("FV")
    expect(page.locator("#summary")).to_contain_text("Correos")


def the_mailing() -> Mailing:
    db.session.expire_all()
    return db.session.scalars(select(Mailing).order_by(Mailing.id.desc()).limit(1)).one()


def test_from_the_filtered_list(company: Company, page: Page, sign_in: SignIn) -> None:
    """S1-05: the filter of the list is the starting proposal, and is said in words."""
    sign_in(page, company.clerk.email)
    page.goto("/admin/invoice/?search=Peñafiel")
    row = page.locator("tbody [name=rowid]").first
    row.check()
    expect(page.get_by_role("button", name="Enviar por Email")).to_be_visible()
    page.get_by_role("link", name="Enviar por Email").click()
    expect(page.locator("#range")).to_contain_text("1 factura")
    page.goto("/admin/invoice/?search=Peñafiel")
    page.get_by_role("link", name="Enviar por Email").click()
    page.get_by_role("link", name="Registrar envío").first.click()

    expect(page.locator("main")).to_contain_text("Solo las 3 facturas que la lista muestra")
    expect(page.locator("main")).to_contain_text("«Peñafiel»")
    expect(page.locator("#summary")).to_contain_text("Pronóstico")
    expect(page.locator("#range")).to_contain_text("3 facturas")


def test_it_begins_by_itself(product: Product, company: Company, form: Page) -> None:
    """S1-06: scheduled with its time zone, changed until then, and sent without anybody."""
    choose_all(form)
    form.get_by_role("radio", name="Programar").check()
    day = (utc_now() + timedelta(days=3)).date()
    form.get_by_label("Día").fill(day.isoformat())
    form.get_by_label("Hora", exact=True).fill("09:15")
    form.get_by_role("combobox", name="Zona horaria").fill("madr")
    form.get_by_role("option", name="Europe/Madrid").click()
    expect(form.locator("#summary")).to_contain_text("Se inicia por sí solo")
    form.locator("aside").get_by_role("button", name="Registrar envío").click()
    expect(form.locator("#chosen-state")).to_contain_text("Programado", timeout=LONG)
    expect(form.locator("#chosen")).to_contain_text("09:15 en Europe/Madrid")

    form.get_by_role("link", name="Cambiar el inicio").click()
    dialog = form.locator("dialog[open]")
    dialog.get_by_label("Hora", exact=True).fill("10:30")
    dialog.get_by_role("button", name="Programar").click()
    expect(form.locator("#chosen")).to_contain_text("10:30 en Europe/Madrid")

    db.session.execute(update(Mailing).values(scheduled_at=utc_now() + timedelta(seconds=1)))
    db.session.commit()
    form.wait_for_timeout(1500)
    deliver_due.enqueue()
    expect(form.locator("#chosen-state")).to_contain_text("Finalizado", timeout=LONG)
    assert product.mail.accepted


def test_register_is_pressed_just_as_the_draft_is_kept(
    company: Company, form: Page, complaints: Complaints
) -> None:
    """S1-11, L-20: the save that is under way leaves no draft behind, not even if it arrives last."""
    complaints.expect_abort()
    choose_all(form)
    saves: list[Route] = []
    form.route("**/mailings/draft", lambda route: saves.append(route))
    with form.expect_request("**/mailings/draft") as sent:
        form.get_by_label("Asunto").first.fill("Sus facturas")
    save = sent.value
    typed, headers = save.post_data or "", {"content-type": save.headers["content-type"]}
    form.locator("aside").get_by_role("button", name="Registrar envío").click()
    expect(form.locator("#chosen-state")).to_contain_text("Registrado", timeout=LONG)
    late = form.request.post("/mailings/draft", data=typed, headers=headers)

    assert "page=" in typed and "draft=" not in typed
    assert late.ok
    assert "Sin guardar" in late.text()
    assert len(saves) == 1
    assert db.session.scalar(select(func.count(Mailing.id))) == 1


def test_what_stays_out_is_seen_before(company: Company, form: Page) -> None:
    """S1-07: typed as FV-10101 or 10101; drafts, void ones and missing numbers are counted and listed."""
    make_document(company.customers[0], number="10105", state=DocumentState.DRAFT)
    make_document(company.customers[1], number="10106", state=DocumentState.VOID)
    db.session.commit()
    form.get_by_label("Desde el número").first.fill("FV-10101")
    form.get_by_label("Hasta el número").first.fill("10108")
    form.get_by_label("Hasta el número").first.press("Tab")

    expect(form.locator("#range")).to_contain_text("Fuera: 1 borrador y 1 anulada.")
    expect(form.locator("#range")).to_contain_text("Falta el número FV-10108.")
    form.get_by_role("button", name="Ver las 2 excluidas").click()
    dialog = form.locator("dialog[open]")
    expect(dialog).to_contain_text("FV-10106")
    expect(dialog).to_contain_text("FV-10108")
    look_at(form, "mailing-left-out")


def test_a_reversed_range_is_marked_while_one_writes(company: Company, form: Page) -> None:
    """S1-07: at its field and in the box below, and gone once it is right."""
    last = form.locator("[name=number_to]")
    form.locator("[name=number_from]").fill("10108")
    last.fill("10101")
    last.press("Tab")
    expect(last).to_have_attribute("aria-invalid", "true")
    expect(form.locator("#number_to-error")).to_contain_text("El último número")
    expect(form.locator("#range")).to_contain_text("El último número")

    last.fill("10120")
    last.press("Tab")
    expect(form.locator("#number_to-error")).to_have_count(0)
    expect(form.locator("#range")).to_contain_text("en el rango")


def test_to_whom_with_its_numbers(company: Company, form: Page) -> None:
    """S1-08: every way to choose says how many it reaches; who has no address can be completed."""
    choose_all(form)

    expect(form.locator("#n-contacts-primary")).to_have_text("9 terceros")
    expect(form.locator("#summary")).to_contain_text("1 sin correo")
    form.get_by_role("radio", name="Grupos de clientes").check()
    form.get_by_label("Mayoristas").check()
    expect(form.locator("#bar")).to_contain_text("3 correos")
    form.get_by_role("radio", name="Terceros elegidos").check()
    form.get_by_label("Números de terceros").fill(
        "\n".join(customer.number for customer in company.customers[:2])
    )
    form.get_by_label("Números de terceros").press("Tab")
    expect(form.locator("#bar")).to_contain_text("2 correos")


def test_which_documents_go(company: Company, form: Page, complaints: Complaints) -> None:
    """S1-09, X1-07: credit notes with a range of their own, the size of it all, copies from a sheet."""
    make_document(company.customers[0], kind=CreditNote, series="NC", number="210")
    db.session.commit()
    form.reload()
    choose_all(form)
    form.get_by_label("Notas de crédito").check()
    form.locator("[name=credit_from]").fill("NC-210")
    form.locator("[name=credit_to]").fill("NC-210")
    form.locator("[name=credit_to]").press("Tab")

    expect(form.locator("#summary")).to_contain_text("Notas de crédito")
    expect(form.locator("#summary")).to_contain_text("máx.")
    expect(form.locator("#n-files-xml")).to_have_text("Ningún documento tiene")
    complaints.expect(422)
    form.get_by_label("Copia oculta", exact=True).fill("Archivo\tarchivo@penalba.test\nnadie")
    form.locator("aside").get_by_role("button", name="Registrar envío").click()
    expect(form.locator(".v-errsum")).to_contain_text("«nadie»")


def test_invoices_and_statements_in_one_mailing(
    product: Product, company: Company, page: Page, sign_in: SignIn
) -> None:
    """S1-09: statements of account are issued, get a range of their own, and arrive beside the invoices."""
    sign_in(page, company.clerk.email)
    page.goto("/admin/statement/")
    look_at(page, "statements-empty")
    page.get_by_role("link", name="Emitir estados de cuenta").click()
    page.get_by_label("Primer día").fill("2026-07-01")
    page.get_by_label("Último día").fill("2026-07-31")
    page.get_by_label("Último día").press("Tab")
    expect(page.locator("#count")).to_contain_text("Se emitirán 9 estados de cuenta.")
    look_at(page, "statements-issue")
    page.get_by_role("button", name="Emitir").click()
    expect(page.locator(".v-toast").first).to_contain_text("los estados de cuenta de 9 terceros")
    page.get_by_role("link", name="EC-1", exact=True).click()
    expect(page.locator("main")).to_contain_text("Antigüedad del saldo")
    look_at(page, "statement")

    page.goto("/mailings/new")
    choose_all(page)
    page.locator("[name=statements]").check()
    page.locator("[name=statement_series]").select_option("EC")
    expect(page.locator("#summary")).to_contain_text("Estados de cuenta")
    expect(page.locator("#range")).to_contain_text("20 documentos")
    look_at(page, "mailing-statements")
    page.locator("aside").get_by_role("button", name="Registrar envío").click()
    expect(page.locator("#chosen-state")).to_contain_text("Registrado", timeout=LONG)
    page.get_by_role("link", name="Iniciar el envío").click()
    page.get_by_role("button", name="Aceptar e iniciar").click()
    expect(page.locator("#chosen-state")).to_contain_text("Finalizado", timeout=LONG)

    assert len(product.mail.accepted) == 8
    for message in product.mail.accepted:
        names = {part.get_filename() for part in message_from_bytes(message.raw).walk()}
        assert {name[:2] for name in names if name} == {"FV", "EC"}


def test_a_message_with_data_in_two_languages(company: Company, form: Page) -> None:
    """S1-10: an editor with chips that writes exactly `{{ customer.name }}`, and an example of it."""
    company.customers[1].lang = "en"
    db.session.commit()
    choose_all(form)
    editor = form.locator("#text-main").get_by_role("textbox", name="Mensaje")
    expect(editor.locator(".v-field").first).to_have_text("Nombre del contacto")
    editor.click()
    form.keyboard.press("Control+End")
    form.keyboard.type(" Saludos a ")
    bar = form.locator("#text-main").get_by_role("toolbar", name="Formato")
    bar.get_by_role("button", name="Insertar dato").click()
    look_at(form, "mailing-editor")
    form.get_by_role("menuitem", name="Nombre del tercero customer.name").click()
    body = form.locator("#text-main [name=body]")
    assert "Saludos a {{ customer.name }}" in body.input_value()
    assert "<span" not in body.input_value()

    expect(form.locator("#summary")).to_contain_text("Falta el texto en inglés")
    form.get_by_role("tab", name="Inglés").click()
    english = form.locator("#text-variant").get_by_role("textbox", name="Asunto")
    english.fill("Your invoice {{ document.number }}")
    form.locator("#text-variant").get_by_role("textbox", name="Mensaje").click()
    form.keyboard.type("Dear customer")
    english.click()
    expect(form.locator("#summary")).not_to_contain_text("Falta el texto en inglés")

    form.get_by_role("button", name="Ver un ejemplo").click()
    dialog = form.locator("dialog[open]")
    expect(dialog).to_contain_text("facturacion@penalba.test")
    message = dialog.frame_locator("iframe")
    expect(message.locator("body")).to_contain_text("Saludos a Óptica Peñafiel, S. L.")
    expect(dialog).to_contain_text("FV-10101.pdf")


def test_a_refused_example_says_so(company: Company, form: Page, complaints: Complaints) -> None:
    """S1-10: the page stays as it is, with a sentence."""
    complaints.expect(400)
    form.route("**/mailings/example", lambda route: route.fulfill(status=400, body="refused"))
    form.get_by_role("button", name="Ver un ejemplo").click()

    expect(form.locator(".v-toast").first).to_contain_text("No se pudo hacer")


def test_typed_data_become_chips(company: Company, form: Page) -> None:
    """S1-10: `contact.name` ends like a domain, and is no link for that."""
    editor = form.locator("#text-main").get_by_role("textbox", name="Mensaje")
    editor.click()
    form.keyboard.press("Control+A")
    form.keyboard.type("Dear {{ contact.name }}, {{ document.date and https://penalba.test here")

    expect(editor.locator(".v-field")).to_have_text("Nombre del contacto")
    body = form.locator("#text-main [name=body]").input_value()
    assert "Dear {{ contact.name }}, {{ document.date and" in body
    assert body.count("<a ") == 1


def test_the_subject_has_the_same_chips(company: Company, form: Page) -> None:
    """S1-10: typed, chosen from the menu or pasted, in one line; what is sent has their names."""
    subject = form.get_by_label("Asunto").first
    subject.fill("")
    subject.press_sequentially("Factura {{ document.number }} de ")
    form.locator("#text-main").get_by_label("Insertar dato en el asunto").click()
    form.get_by_role("menuitem", name="Nombre del tercero").click()
    subject.press("Enter")

    expect(subject.locator(".v-field")).to_have_count(2)
    expect(form.locator("[name=subject]")).to_have_value(
        "Factura {{ document.number }} de {{ customer.name }}"
    )
    subject.evaluate(
        """line => { const data = new DataTransfer();
        data.setData("text/plain", " y\\n{{ period.end }}");
        line.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})); }"""
    )
    expect(form.locator("[name=subject]")).to_have_value(
        "Factura {{ document.number }} de {{ customer.name }} y {{ period.end }}"
    )
    form.get_by_text("Asunto", exact=True).first.click()
    expect(subject).to_be_focused()
    look_at(form, "mailing-subject")


def test_nothing_is_lost_and_errors_stand_at_their_field(
    company: Company, form: Page, complaints: Complaints
) -> None:
    """S1-11: kept while one writes, found again after a reload, and registered once it is complete."""
    choose_all(form)
    form.get_by_label("Asunto").first.fill("Su factura {{ document.numbr }}")
    expect(form.locator("#saved")).to_contain_text("Guardado a las", timeout=LONG)
    form.wait_for_url("**/edit")
    form.reload()
    expect(form.locator("[name=subject]")).to_have_value("Su factura {{ document.numbr }}")
    expect(form.get_by_label("Asunto").first.locator(".v-field.bad")).to_have_text(
        "{{ document.numbr }}"
    )
    form.goto("/mailings/")
    expect(form.locator("main")).to_contain_text("Sin registrar")
    form.goto(f"/mailings/?mailing={the_mailing().public_id}")
    form.get_by_role("link", name="Seguir editando").click()

    complaints.expect(422)
    form.locator("aside").get_by_role("button", name="Registrar envío").click()
    expect(form.locator(".v-errsum")).to_contain_text("document.number")
    form.get_by_label("Asunto").first.fill("Su factura {{ document.number }}")
    form.locator("aside").get_by_role("button", name="Registrar envío").click()
    expect(form.locator("#chosen-state")).to_contain_text("Registrado", timeout=LONG)
    assert db.session.scalar(select(Mailing.draft_form).limit(1)) is None


def test_two_people_write_the_same_draft(
    company: Company, form: Page, chromium: Browser, running: str, sign_in: SignIn
) -> None:
    """L-20: the second one hears who saved it, keeps what was typed, and puts it over the other's."""
    form.get_by_label("Título").fill("De Lucía")
    expect(form.locator("#saved")).to_contain_text("Guardado a las", timeout=LONG)
    address = form.url
    marta = make_user(company.organization, name="Marta Ruiz", email="marta@penalba.test")
    db.session.commit()
    context = chromium.new_context(base_url=running, locale="es-CO")
    other = context.new_page()
    sign_in(other, marta.email)
    other.goto(address)
    other.get_by_label("Título").fill("De Marta")
    expect(other.locator("#saved")).to_contain_text("Guardado a las", timeout=LONG)

    form.get_by_label("Título").fill("De Lucía, corregido")
    expect(form.locator("#changed")).to_contain_text(
        "Marta Ruiz guardó este borrador", timeout=LONG
    )
    look_at(form, "draft-changed")
    form.locator("#changed").get_by_role("button", name="Guardar lo mío encima").click()

    expect(form.locator("#changed")).to_be_hidden()
    expect(form.get_by_label("Título")).to_have_value("De Lucía, corregido")
    assert the_mailing().title == "De Lucía, corregido"
    context.close()
