"""A test of an account as text, to be copied into a message to its provider."""

from admin_views.screens.account_check_page import cards_of, verdict_of
from models.mailbox.account_check import AccountCheck
from models.mailbox.mail_account import MailAccount


def report_of(check: AccountCheck, account: MailAccount) -> str:
    """The test as text, to send to a provider; without any secret."""
    lines = [account.address]
    verdict = verdict_of(check, account)
    if check.ended_at:
        lines.append(check.ended_at.strftime("%Y-%m-%d %H:%M:%S UTC"))
    if verdict:
        lines.append(f"{verdict.title} {verdict.text}")
    for card in cards_of(check, account):
        lines += ["", f"{card.title}: {card.place}"]
        for step in card.steps:
            lines.append(f"- {step.title}: {step.word} {step.took}".rstrip())
            lines += [f"    {text}" for text in (step.text, step.cure) if text]
            lines += [f"    > {answer}" for answer in step.answer.splitlines()]
    return "\n".join(lines)
