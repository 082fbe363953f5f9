"""What a subject says without the marks that answering and forwarding leave on it (RFC 5256, section 2.1)."""

import re

# As mail programs of several languages write them: RV is Spanish, AW and WG German, TR and RE French, SV Swedish.
MARK = re.compile(
    r"\s*(?:(?:re|rv|aw|wg|fw|fwd|tr|sv|vs|antw|rif|res|enc|réf|ref)\s*(?:\[\d{1,3}\]|\(\d{1,3}\))?\s*[:：]"
    r"|\[[^\[\]]{1,40}\](?=\s*\S))\s*",
    re.IGNORECASE,
)
MOST_MARKS = 50


def bare_subject(subject: str) -> str:
    """The subject without its "Re:", "RV:", "AW:" and "[list]" beginnings."""
    for _mark in range(MOST_MARKS):
        found = MARK.match(subject)
        if found is None:
            break
        subject = subject[found.end() :]
    return " ".join(subject.split())


def unanswered_subject(subject: str) -> str:
    """The subject without its "Re:", "RV:" and "AW:" beginnings; the mark of a list stays."""
    for _mark in range(MOST_MARKS):
        found = MARK.match(subject)
        if found is None or found[0].lstrip().startswith("["):
            break
        subject = subject[found.end() :]
    return " ".join(subject.split())
