"""Style sheets of mails: the rules for certain screens, which cannot stand in an element, are kept apart (S4-21)."""

import re

from mail.sanitise import LOADING_STYLE, STYLES

COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
CONDITION = re.compile(r"[a-z0-9\s():,.\-/]{1,200}", re.IGNORECASE)
SELECTOR = re.compile(r"[\w\s.#:,>*+~()=\[\]\-]{1,300}")
RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
MOST_RULES = 200


def media_rules(styles: list[str]) -> str:
    """The `@media` blocks of the sheets with what a mail may say in them; empty if there are none."""
    blocks = []
    for sheet in styles:
        for condition, inside in _blocks(COMMENT.sub("", sheet)):
            rules = "".join(_rules(inside))
            if rules and CONDITION.fullmatch(condition):
                blocks.append(f"@media {condition}{{{rules}}}")
    return "\n".join(blocks)


def _blocks(sheet: str) -> list[tuple[str, str]]:
    """Each `@media`: its condition and what stands in its braces; one without an end goes to the end."""
    found = []
    for match in re.finditer(r"@media\b([^{};]*)\{", sheet, re.IGNORECASE):
        depth, at = 1, match.end()
        while at < len(sheet) and depth:
            depth += {"{": 1, "}": -1}.get(sheet[at], 0)
            at += 1
        found.append((" ".join(match[1].split()), sheet[match.end() : at - (not depth)]))
    return found


def _rules(inside: str) -> list[str]:
    kept = []
    for match in list(RULE.finditer(inside))[:MOST_RULES]:
        selector = " ".join(match[1].split())
        declarations = [_declaration(part) for part in match[2].split(";")]
        said = ";".join(filter(None, declarations))
        if said and SELECTOR.fullmatch(selector):
            kept.append(f"{selector}{{{said}}}")
    return kept


def _declaration(text: str) -> str:
    name, colon, value = text.partition(":")
    name, value = name.strip().lower(), " ".join(value.split())
    # A background is a colour here; what loads is refused below.
    is_known = name in STYLES or name == "background"
    if not colon or not value or not is_known or LOADING_STYLE.search(value) or "<" in value:
        return ""
    # The other rules stand in the elements by now, where only these words go before them.
    value = re.sub(r"\s*!\s*important\Z", "", value, flags=re.IGNORECASE)
    return f"{name}:{value} !important"
