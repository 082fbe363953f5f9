"""What the lower rooms say in English, retold in the reader's language: `mail/` and `files/` know no other.

Their sentences are known by their form, so what was written down yesterday, at a message or at an account, is retold as
well. A sentence that is not here stays as it is, as what a server answered does.
"""

from flask_babel import gettext as _

from services.system.sentence_form import SentenceForm
from services.system.sentences_of_files import OF_FILES
from services.system.sentences_of_mail import OF_MAIL

SENTENCES = (*OF_FILES, *OF_MAIL)
FORMS = [(SentenceForm.of(sentence), sentence) for sentence in SENTENCES]


def retold(said: str) -> str:
    """What was said, in the reader's language if it is one of our sentences."""
    for form, sentence in FORMS:
        values = form.match(said)
        if values is not None:
            return str(_(sentence)) % values
    return said
