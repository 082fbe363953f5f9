"""Files that go along (S3-36, S3-37)."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.mail_area.area import SignIn
from tests.journeys.mail_area.composer import begin, is_filed, leave_now, name, send, write
from tests.journeys.mail_area.mailbox import Mailbox

DROP = """(zone, name) => {
  const dropped = new DataTransfer();
  dropped.items.add(new File(["a;b\\n1;2\\n"], name, {type: "text/csv"}));
  for (const type of ["dragenter", "dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(type, {dataTransfer: dropped, bubbles: true, cancelable: true}));
  }
}"""


def test_files(
    company: Company, desk: Mailbox, page: Page, sign_in: SignIn, tmp_path: Path
) -> None:
    """S3-36, S3-37: several at once, and dropped; what is too large, or is refused by servers, is told with its name; the server's copy has what was left."""
    for file, content in (
        ("nota.pdf", b"%PDF-1.7 nota"),
        ("lista.csv", b"a;b\n1;2\n"),
        ("planos.pdf", b"%PDF-1.7" + b"0" * 900_000),
        ("juego.exe", b"MZ"),
    ):
        (tmp_path / file).write_bytes(content)
    begin(page, company, sign_in)
    field = page.locator("[data-compose-files]")
    files = page.locator("#compose-files")
    field.set_input_files([tmp_path / "nota.pdf", tmp_path / "lista.csv"])
    expect(files).to_contain_text("nota.pdf")
    expect(files).to_contain_text("lista.csv")
    field.set_input_files([tmp_path / "planos.pdf"])
    expect(page.get_by_text("«planos.pdf» no cabe")).to_be_visible()
    field.set_input_files([tmp_path / "juego.exe"])
    expect(page.get_by_text("«juego.exe» no se puede enviar")).to_be_visible()
    page.get_by_role("button", name="Quitar lista.csv").click()
    expect(files).not_to_contain_text("lista.csv")
    expect(files).to_contain_text("nota.pdf")
    page.locator(".v-comp form").evaluate(DROP, "precios.csv")
    expect(files).to_contain_text("precios.csv")

    name(page, "to", "ana@lanapa.test")
    page.get_by_label("Asunto").fill("Dos archivos")
    write(page, "Van los dos.")
    send(page)
    leave_now()
    there = desk.elsewhere
    is_filed(there, "Dos archivos")
    filed = there.message("Sent", "Dos archivos")
    assert {part.get_filename() for part in filed.iter_attachments()} == {
        "nota.pdf",
        "precios.csv",
    }
