"""Reading messages one by one in a child with little memory and time, after a job that read them has died.

The child only says that it has come through; whoever asks parses the message then. What kills the child is a dead letter.
"""

from services.mailbox.limited_child import LimitedChild, python_module


class TrialReader(LimitedChild):
    """Runs from `with` on."""

    command = python_module("mail.limited_reading")

    def survives(self, raw: bytes) -> bool:
        """Whether these bytes can be read within the limits."""
        return self.answer(raw) is not None
