"""Reading what came back in a child with limits: many programs write reports, and anybody can write something like one."""

import logging

from mail.bounces import Bounce
from services.mailbox.limited_child import LimitedChild, python_module

logger = logging.getLogger(__name__)


class BounceReader(LimitedChild):
    """Runs from `with` on."""

    command = python_module("mail.limited_bounces")

    def read(self, raw: bytes) -> Bounce:
        """What these bytes report; nothing if they cannot be read within the limits."""
        told = self.answer(raw)
        if told is None:
            logger.warning("a bounce of %d bytes cannot be read", len(raw))
            return Bounce((), ())
        return Bounce.from_json(told)
