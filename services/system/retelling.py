"""What the lower rooms say in English, retold in the reader's language: `mail/` and `files/` know no other.

Their sentences are known by their form, so what was written down yesterday, at a message or at an account, is retold as
well. A sentence that is not here stays as it is, as what a server answered does.
"""

from flask_babel import gettext as _

from files.errors import N_
from services.system.sentence_form import SentenceForm

SENTENCES = (
    # Files and the place where they are kept.
    N_("FILES_URL names %(place)s, which cannot be used: %(reason)s."),
    N_("FILES_URL is %(place)s, which is neither a folder, file:///folder nor s3://bucket/prefix."),
    N_("A stored file is named by the SHA-256 of its content, in hexadecimal."),
    N_("The stored file %(name)s is damaged."),
    N_("There is no stored file %(name)s."),
    N_("There is no such page."),
    N_("There is no such picture."),
    N_("The document cannot be drawn: %(reason)s."),
    N_("The logo shows another file; put that picture into the SVG."),
    N_("The logo is neither a PNG, a JPEG, a GIF nor an SVG picture."),
    N_("The logo is cut off."),
    # Texts, headers and addresses.
    N_("The address is too long."),
    N_("There is nobody to send to."),
    N_("A recipient's address is empty."),
    N_("The address holds a character that no address can have."),
    N_("This is no e-mail address: %(reason)s"),
    N_("There is no field “%(name)s”."),
    N_("%(name)s takes letters, digits, dots and dashes only."),
    N_("%(name)s takes complete web or mailto addresses only."),
    N_("A list id has the form of a host name."),
    N_("A content type has the form application/pdf."),
    N_("A file name is not empty and has no slashes."),
    N_("The file name is too long."),
    N_("A header's name has letters, digits and dashes only."),
    N_("A header cannot hold line ends or control characters."),
    N_("A message id has the form <left@right>, in ASCII."),
    N_("A message needs somebody to go to."),
    N_("The language of a letter is a code such as “es”."),
    N_("The text has braces that enclose no field."),
    N_("The text is longer than %(most)s characters."),
    N_("The text has more than %(most)s elements."),
    N_("The elements of the text are nested too deeply."),
    N_("The style sheet of the text cannot be read."),
    N_("The stored message has broken line ends."),
    N_("The stored message could end too early."),
    N_("The stored message is damaged."),
    N_("The stored attachment is damaged."),
    # Servers.
    N_("This server and port may not be called from here."),
    N_("In the demo nothing leaves this machine."),
    N_("There is no server with the name %(host)s."),
    N_("Nobody says in time where %(host)s is."),
    N_("A server's name has no spaces or control characters."),
    N_("%(host)s cannot be reached on port %(port)s."),
    N_("%(host)s does not answer on port %(port)s."),
    N_("%(host)s hangs up at once on port %(port)s."),
    N_("%(host)s offers no such file."),
    N_("This is no file about mail servers."),
    N_("The file names no encrypted server for outgoing mail."),
    N_("The certificate of %(host)s is not accepted: %(reason)s."),
    N_("No encrypted line to %(host)s could be agreed on."),
    N_("%(host)s did not finish the encryption in time."),
    N_("%(host)s broke off while the encryption was agreed on."),
    N_("%(host)s offers no encryption; nothing was sent to it."),
    N_("%(host)s does not begin with encryption."),
    N_("A password goes to %(host)s over an encrypted line only; nothing was sent."),
    N_("%(host)s offers no way to sign in with a password."),
    N_("%(host)s offers no way to sign in by permission (XOAUTH2)."),
    N_("A login and a password have no control characters."),
    N_("The inbox cannot be opened: %(answer)s"),
    N_("The mail server said: %(answer)s"),
    N_("The mail server broke off: %(answer)s"),
    N_("The mail server broke off while signing in."),
    N_("The connection to the mail server is closed."),
    N_("The connection to the mail server broke."),
    N_("The mail server hung up."),
    N_("The mail server did not answer in time."),
    N_("The mail server did not answer for other accounts."),
    N_("The mail server took too long for one message."),
    N_("The mail server sent more than it may before encryption began."),
    N_("The mail server answered with something that is no IMAP reply."),
    N_("The mail server answered with something that is no SMTP reply."),
    N_("The mail server's answer is too long."),
    N_("The mail server's answer has an endless line."),
    N_("The mail server's answer does not end."),
    N_("The mail server's answer about a message cannot be read."),
    N_("The mail server's answer about a message does not fit together."),
    N_("The mail server names too many folders."),
    N_("The mail server's list of folders cannot be read."),
    N_("The mail server's state of a folder cannot be read."),
    N_("The mail server does not tell the state of a folder."),
    N_("The mail server does not number the messages of a folder."),
    N_("A word for a mail server has no control characters."),
    N_("The mail server names more messages than there can be."),
    N_("The mail server's answer breaks off."),
    N_("The mail server's answer cannot be read."),
    N_("The mail server's answer closes what is not open."),
    N_("The mail server's answer is nested too deeply."),
    N_("The name of a folder has no control characters."),
    N_("The mail server announces more than a message may have."),
    N_("The mail server ends a command before it has read it."),
    N_("The mail server ends a command with something that is no IMAP reply."),
    N_("The mail server says more than it was asked."),
    N_("The mail server asked for something that nobody had offered."),
    N_("The mail server answered one command with the reply to another."),
    N_("The mail server answered the message with a question."),
    N_("The message has %(size)s bytes; the mail server takes %(limit)s."),
    N_("The mail server takes no addresses with accents or foreign letters before the @."),
    N_("The test took too long as a whole."),
)
FORMS = [(SentenceForm.of(sentence), sentence) for sentence in SENTENCES]


def retold(said: str) -> str:
    """What was said, in the reader's language if it is one of our sentences."""
    for form, sentence in FORMS:
        values = form.match(said)
        if values is not None:
            return str(_(sentence)) % values
    return said
