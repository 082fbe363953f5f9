"""How documents may reach the reader, as far as this installation can do it; the form and the command line offer these."""

from models.mailings.mailing import AttachMode

ATTACH_MODES: tuple[AttachMode, ...] = (AttachMode.ATTACH,)
