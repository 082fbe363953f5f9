"""The replies of an SMTP conversation, read from its bytes."""

import re

from mail.reply import Reply
from mail.wire import Wire, readable

MOST_LINES = 128  # of one reply
REPLY_LINE = re.compile(rb"([2-5][0-9][0-9])([ -]?)(.*)", re.DOTALL)


class SmtpWire(Wire):
    """Writes commands and reads replies."""

    longest_line = 4096  # RFC 5321 allows 512, real servers write more

    def read_reply(self, *, is_patient: bool = False) -> Reply:
        """The next reply, of one line or several.

        `is_patient` waits as long as the budget lasts: after the final dot, hanging up early is
        what leaves a doubt. Raises LineLost, TooSlow or BadReply, and closes the line with it.
        """
        lines: list[str] = []
        code = None
        while True:
            line = self.read_line(is_patient=is_patient)
            match = REPLY_LINE.fullmatch(line)
            if match is None or (code is not None and match[1] != code):
                self.bad("The mail server answered with something that is no SMTP reply.", line)
            code = match[1]
            lines.append(readable(match[3]))
            if match[2] != b"-":
                break
            if len(lines) >= MOST_LINES:
                self.bad("The mail server's answer does not end.")
        reply = Reply(int(code), "\n".join(lines))
        if self.listener is not None:
            self.listener(reply.as_lines())
        if reply.code == 421:  # RFC 5321, section 3.8: the server hangs up after it
            self.close()
        return reply
