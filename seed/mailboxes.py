"""The demo's mailboxes, filled as a server holds them: they come in as mail from any other server does."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from embedded.mail_server.mailboxes import Mailboxes, StoredMessage
from models.people.organization import Organization
from models.tenancy import acting_in
from seed.companies import COMPANIES, Company
from seed.mail_billing import BILLING
from seed.mail_collections import COLLEAGUES, COLLECTIONS
from seed.mail_files import MailFile, file_of
from seed.mail_letters import Answered, Composed, bounce_of, compose
from seed.mail_people import OwnMailbox, Person, own_mailboxes, people_to_write
from seed.mail_strangers import STRANGERS
from seed.mail_talk import THEM, Talk, Written, moment_of
from services.sales.formats import shown_date
from services.sales.pdf import Workshop, pdf_of

TALKS = (*BILLING, *STRANGERS, *COLLECTIONS, *COLLEAGUES)
ANSWERED, FLAGGED, SEEN = r"\Answered", r"\Flagged", r"\Seen"

Placed = tuple[str, str, StoredMessage]  # mailbox, folder, message


def fill_mailboxes(
    organization: Organization, mailboxes: Mailboxes, workshop: Workshop, now: datetime
) -> None:
    """For the first of the demo's organizations; a mailbox that is there already stays as it is."""
    company = COMPANIES[0]
    with acting_in(organization.id):
        writing = _Writing(company, workshop, now.astimezone(ZoneInfo(company.timezone)))
        boxes: dict[str, list[tuple[str, StoredMessage]]] = defaultdict(list)
        for talk in TALKS:
            for mailbox, folder, letter in writing.letters_of(talk):
                boxes[writing.own[mailbox].address].append((folder, letter))
    for address, letters in boxes.items():
        mailboxes.open(address, sorted(letters, key=lambda each: each[1].received_at))


class _Writing:
    """What all conversations have in common."""

    def __init__(self, company: Company, workshop: Workshop, now: datetime) -> None:
        self.own: Mapping[str, OwnMailbox] = own_mailboxes(company)
        self._company = company
        self._workshop = workshop
        self._now = now
        self._people = people_to_write(1 + max(talk.who for talk in TALKS), now.date())
        self._number = 0

    def letters_of(self, talk: Talk) -> Iterator[Placed]:
        """Each message in every folder that it lies in."""
        person = self._people[talk.who]
        said = {
            **person.said,
            "company": self._company.name,
            "domain": self._company.domain,
            "our_alike": self._company.domain.replace("l", "i", 1),
            "today": shown_date(self._now.date(), "es"),
        }
        answered: Answered | None = None
        for number, written in enumerate(talk.letters):
            at = moment_of(written.when, self._now)
            composed = self._composed(talk, written, person, said, answered)
            raw = compose(composed)
            has_answer = any(each.by != written.by for each in talk.letters[number + 1 :])
            letter = StoredMessage("", at.timestamp(), raw)
            if written.is_damaged:
                head = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
                letter = replace(letter, raw=head, lost_bytes=len(raw) - len(head))
            yield from _places(talk, written, letter, has_answer)
            if talk.has_bounced:
                yield talk.mailbox, talk.folder, self._bounce(talk, raw, person, at)
            earlier = answered.references if answered else ()
            answered = Answered(
                message_id=composed.message_id,
                references=(*earlier, composed.message_id),
                name=parseaddr(composed.sender)[0],
                at=at,
                text=composed.text,
            )

    def _composed(
        self,
        talk: Talk,
        written: Written,
        person: Person,
        said: Mapping[str, str],
        answered: Answered | None,
    ) -> Composed:
        theirs = f"{person.name} <{person.address}>"
        signature = f"{person.name}\n{person.job_title}\n{person.customer}"
        sender = written.sender.format(**said) or theirs
        recipient = self._name_of(talk.mailbox)
        if written.sender:
            signature = ""
        if written.by != THEM:
            sender, signature = self._name_of(written.by), self.own[written.by].signature
            recipient = theirs
            if talk.colleague:
                is_ours = written.by == talk.mailbox
                recipient = self._name_of(talk.colleague if is_ours else talk.mailbox)
        return Composed(
            sender=sender,
            recipient=recipient,
            subject=talk.subject.format(**said),
            at=moment_of(written.when, self._now),
            message_id=self._message_id(parseaddr(sender)[1]),
            text=written.text.format(**said),
            html=written.html.format(**said),
            signature=signature,
            answers=answered,
            is_english=talk.is_english,
            files=[self._file(kind, person, said) for kind in written.files],
            headers=written.headers,
        )

    def _name_of(self, mailbox: str) -> str:
        return f"{self.own[mailbox].name} <{self.own[mailbox].address}>"

    def _message_id(self, address: str) -> str:
        self._number += 1
        return f"<{self._now:%Y%m%d%H%M%S}.{self._number}@{address.partition('@')[2]}>"

    def _file(self, kind: str, person: Person, said: Mapping[str, str]) -> MailFile:
        if kind != "invoice":
            return file_of(kind, said)
        pdf = pdf_of(person.invoice, self._workshop)
        return MailFile(pdf.filename, "application/pdf", self._workshop.store.read(pdf.sha256))

    def _bounce(self, talk: Talk, raw: bytes, person: Person, at: datetime) -> StoredMessage:
        to = self.own[talk.mailbox].address
        later = at + timedelta(seconds=4)
        raw = bounce_of(
            raw, to=to, address=person.address, at=later, message_id=self._message_id(to)
        )
        return StoredMessage("", later.timestamp(), raw)


def _places(
    talk: Talk, written: Written, letter: StoredMessage, has_answer: bool
) -> Sequence[Placed]:
    """Where a message lies: with whom wrote it in *Sent*, with whom it was written to in their folder."""
    marks = [
        *([] if written.is_unread else [SEEN]),
        *([FLAGGED] if written.is_starred else []),
        *([ANSWERED] if has_answer else []),
    ]
    received = replace(letter, flags=" ".join(sorted(marks)))
    sent = replace(letter, flags=SEEN)
    if written.by == THEM:
        return [(talk.mailbox, talk.folder, received)]
    places = [(written.by, "Sent", sent)]
    if talk.colleague:
        is_ours = written.by == talk.mailbox
        places.append((talk.colleague if is_ours else talk.mailbox, "INBOX", received))
    return places
