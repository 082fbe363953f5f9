"""The table works like a spreadsheet (S4-13)."""

from playwright.sync_api import Page, expect

from tests.journeys.mail_accounts.table import NAMES, cell


def test_the_keyboard_is_enough(grid: Page) -> None:
    """Arrows move, typing and Enter go on, Escape restores, Shift draws, Ctrl D fills down."""
    cell(grid, "Puerto", NAMES[0]).focus()
    grid.keyboard.type("2525")
    grid.keyboard.press("Enter")
    expect(cell(grid, "Puerto", NAMES[1])).to_be_focused()
    grid.keyboard.type("99")
    grid.keyboard.press("Escape")
    expect(cell(grid, "Puerto", NAMES[1])).to_have_value("587")
    grid.keyboard.press("ArrowUp")
    for _step in range(3):
        grid.keyboard.press("Shift+ArrowDown")
    grid.keyboard.press("Control+d")
    expect(cell(grid, "Puerto", NAMES[3])).to_have_value("2525")
    expect(grid.locator("[data-changed]")).to_have_text("4 usuarios con cambios")
    grid.keyboard.press("ArrowLeft")
    expect(cell(grid, "Servidor saliente", NAMES[3])).to_be_focused()
    grid.keyboard.press("F2")
    grid.keyboard.press("ArrowLeft")
    expect(cell(grid, "Servidor saliente", NAMES[3])).to_be_focused()
    grid.keyboard.press("Tab")
    expect(cell(grid, "Puerto", NAMES[3])).to_be_focused()
    grid.keyboard.press("Escape")
    grid.keyboard.press("Tab")
    assert grid.evaluate("() => !document.activeElement.closest('[data-cells]')")


def test_a_column_is_filled_by_its_handle(grid: Page) -> None:
    """S4-13: dragged down over the rows below, and taken back in one step."""
    first = cell(grid, "Puerto", "Andrés Muñoz")
    first.fill("2525")
    first.focus()
    box, below = (
        grid.locator(".v-fill").bounding_box(),
        cell(grid, "Puerto", "Camilo Peñaranda").bounding_box(),
    )
    assert box and below
    grid.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    grid.mouse.down()
    grid.mouse.move(below["x"] + 10, below["y"] + 10, steps=5)
    grid.mouse.up()
    for name in ("Begoña Íñiguez", "Camilo Peñaranda"):
        expect(cell(grid, "Puerto", name)).to_have_value("2525")
    expect(cell(grid, "Puerto", "Diana Güiza")).to_have_value("587")
    grid.get_by_role("button", name="Deshacer").click()
    expect(cell(grid, "Puerto", "Camilo Peñaranda")).to_have_value("587")


def test_folded_columns_open_and_are_reached_by_keys(grid: Page) -> None:
    """S4-13: login and limit are folded away; arrows pass them over until they are shown."""
    security = cell(grid, "Seguridad", "Andrés Muñoz")
    expect(cell(grid, "Inicio de sesión", "Andrés Muñoz")).to_be_hidden()
    grid.get_by_role("button", name="Más columnas: inicio de sesión y límite").click()
    security.focus()
    grid.keyboard.press("ArrowRight")
    expect(cell(grid, "Inicio de sesión", "Andrés Muñoz")).to_be_focused()
