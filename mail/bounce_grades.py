"""How final a report is: whether the address is dead, or only this message has not arrived (RFC 3463)."""

import re
from enum import StrEnum


class Grade(StrEnum):
    """`hard`: the address does not exist; `soft`: it exists, the message was not taken; `delayed`: it is still tried."""

    HARD = "hard"
    SOFT = "soft"
    DELAYED = "delayed"


# About the address of the recipient: no such mailbox, no such system, moved, switched off. 5.1.7 and 5.1.8 are about the sender's.
DEAD = re.compile(r"5\.1\.(?:0|1|2|3|6|10)|5\.2\.1|5\.4\.4")
# What says nothing by its number, or by one that other servers use for something else.
VAGUE = re.compile(r"[45]\.0\.0|5\.4\.1|5\.5\.0")
SAYS_DEAD = re.compile(
    r"user unknown|unknown user|no such (?:user|recipient|mailbox|address|person)|unknown (?:recipient|mailbox|address)|"
    r"(?:recipient|user|mailbox|address|account|inbox|e-?mail)\b.{0,60}(?:does not exist|doesn't exist|not exist|not found|"
    r"no longer|unknown|disabled|could ?n[o']t be found|no existe)|invalid (?:recipient|mailbox)|"
    r"recipient address rejected: access denied|(?:host|domain)\b.{0,40} not found|no mailbox here|not our customer|"
    r"(?:usuario|buzón|cuenta|destinatario|dirección)\b.{0,40}(?:desconocid|inexistente|no existe)",
    re.IGNORECASE | re.DOTALL,
)
SAYS_OTHER = re.compile(
    r"quota|full|storage|spam|blocked|blacklist|reputation|policy|too (?:large|big|many)|greylist|virus|content|"
    r"lleno|bloquead",
    re.IGNORECASE,
)


def grade_of(status: str | None, words: str) -> Grade:
    """Of a failure for good, by its code, else by what the server says; in doubt the address is not to blame."""
    if status is not None and not VAGUE.fullmatch(status):
        return Grade.HARD if DEAD.fullmatch(status) else Grade.SOFT
    is_dead = SAYS_DEAD.search(words[:2_000]) and not SAYS_OTHER.search(words[:2_000])
    return Grade.HARD if is_dead else Grade.SOFT
