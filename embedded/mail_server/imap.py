"""The demo's IMAP side: a mailbox for whoever signs in, as far as mail is read and filed.

IMAP4rev1 (RFC 3501) without the outline of a message (ENVELOPE, BODYSTRUCTURE), with IDLE (2177), UIDPLUS (4315),
SPECIAL-USE (6154) and MOVE (6851).
"""

import re
import select
import socketserver

from embedded.mail_server.imap_fetching import Damaged, moment_of
from embedded.mail_server.imap_selected import SelectedFolder
from embedded.mail_server.imap_words import (
    LONGEST_LINE,
    Unreadable,
    Word,
    quoted,
    read_pieces,
    text_of,
    texts_of,
    words_of,
)
from embedded.mail_server.mailboxes import MARKS, Folder, Mailboxes

CAPABILITIES = "CAPABILITY IMAP4rev1 UIDPLUS MOVE SPECIAL-USE IDLE"
FLAGS = r"\Seen \Answered \Flagged \Deleted \Draft"
LOOKS_EVERY_SECONDS = 1
EXPIRED = "vencida"  # as on the SMTP side
KEEPS_NUMBERS = {"FETCH", "STORE", "SEARCH"}  # after these nothing is told as gone


class Refused(Exception):
    """Understood and not carried out; the message says why."""


class ImapSession(socketserver.StreamRequestHandler):
    """One client."""

    mailboxes: Mailboxes
    wbufsize = 64 * 1024
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self._owner = ""
        self._selected: SelectedFolder | None = None
        self._is_over = False
        self._say(f"* OK [{CAPABILITIES}] The mailboxes of the demo".encode())
        while not self._is_over:
            self.wfile.flush()
            try:
                self._answer(read_pieces(self.rfile, self.wfile))
            except (EOFError, ConnectionError):
                return
            except Unreadable as problem:
                self._tell(f"* BAD {problem}")

    def _answer(self, pieces: list[bytes]) -> None:
        tag, _, rest = pieces[0].partition(b" ")
        try:
            name, *words = words_of([rest, *pieces[1:]]) or [b""]
            said = f"OK {self._carry_out(text_of(name).upper(), words) or 'Done'}"
        except (Refused, Damaged) as problem:
            said = f"NO {problem}"
        except Unreadable as problem:
            said = f"BAD {problem}"
        self._say(tag + b" " + said.encode())

    def _carry_out(self, name: str, words: list[Word]) -> str:
        """What stands behind `OK`."""
        by_uid = name == "UID" and bool(words)
        if by_uid:
            name, *words = text_of(words[0]).upper(), *words[1:]
        match name, words:
            case "NOOP", []:
                done = ""
            case "CAPABILITY", []:
                done = self._tell(f"* {CAPABILITIES}")
            case "LOGOUT", []:
                self._is_over = True
                return self._tell("* BYE See you")
            case "LOGIN", [login, password]:
                done = self._sign_in(text_of(login), text_of(password))
            case _ if not self._owner:
                raise Refused("Sign in first")
            case _:
                done = self._in_mailbox(name, words, by_uid=by_uid)
        if self._selected is not None:
            self._selected.tell_changes(may_be_gone=by_uid or name not in KEEPS_NUMBERS)
        return done

    def _sign_in(self, login: str, password: str) -> str:
        if "@" not in login or password.startswith(EXPIRED):
            raise Refused("[AUTHENTICATIONFAILED] An address, and a password that has not expired")
        self._owner = login.lower()
        self.mailboxes.open(self._owner)
        return f"[{CAPABILITIES}] Welcome"

    def _in_mailbox(self, name: str, words: list[Word], *, by_uid: bool) -> str:
        match name, words:
            case "LIST", [_, pattern, *_]:
                return self._list(text_of(pattern))
            case "STATUS", [path, items]:
                return self._status(self._folder(path), texts_of(items))
            case "CREATE", [path]:
                if self.mailboxes.folder(self._owner, text_of(path)):
                    raise Refused("[ALREADYEXISTS] It is there already")
                self.mailboxes.create(self._owner, text_of(path))
                return ""
            case "RENAME", [path, new_path]:
                if self.mailboxes.folder(self._owner, text_of(new_path)):
                    raise Refused("[ALREADYEXISTS] It is there already")
                self.mailboxes.rename(self._folder(path), text_of(new_path))
                return ""
            case "DELETE", [path]:
                self.mailboxes.drop(self._folder(path))
                return ""
            case "APPEND", [path, *details, bytes(raw)]:
                return self._append(self._folder(path), details, raw)
            case (("SELECT" | "EXAMINE"), [path, *_]):
                return self._select(self._folder(path), is_read_only=name == "EXAMINE")
            case "IDLE", []:
                return self._idle()
        if self._selected is None:
            raise Unreadable(f"Not here, or not before a folder is opened: {name}")
        return self._in_folder(self._selected, name, words, by_uid=by_uid)

    def _in_folder(
        self, selected: SelectedFolder, name: str, words: list[Word], *, by_uid: bool
    ) -> str:
        if selected.is_read_only and name in ("STORE", "MOVE", "EXPUNGE"):
            raise Refused("The folder was opened for reading")
        match name, words:
            case "FETCH", [uids, items]:
                wanted = texts_of(items)
                if by_uid and "UID" not in map(str.upper, wanted):
                    wanted.insert(0, "UID")
                selected.fetch(selected.uids(text_of(uids), by_uid=by_uid), wanted)
            case "SEARCH", _:
                found = selected.search(words)
                shown = found if by_uid else [selected.number(uid) for uid in found]
                self._tell(" ".join(["* SEARCH", *map(str, shown)]))
            case "STORE", [uids, mode, *flags]:
                marks = {each for word in flags for each in texts_of(word)}
                selected.store(selected.uids(text_of(uids), by_uid=by_uid), text_of(mode), marks)
            case (("COPY" | "MOVE"), [uids, path]):
                target = self._folder(path)
                chosen = selected.uids(text_of(uids), by_uid=by_uid)
                placed = self.mailboxes.copy(selected.folder, chosen, target, moves=name == "MOVE")
                return self._tell_placed(name, target, placed)
            case "EXPUNGE", [uids] if by_uid:
                selected.expunge(selected.uids(text_of(uids), by_uid=True))
            case "EXPUNGE", []:
                selected.expunge_all()
            case "CLOSE", []:
                if not selected.is_read_only:
                    selected.expunge_all()
                self._selected = None
            case _:
                raise Unreadable(f"Not here: {name}")
        return ""

    def _list(self, pattern: str) -> str:
        parts = {"*": ".*", "%": "[^/]*"}
        expression = "".join(parts.get(each) or re.escape(each) for each in pattern)
        for folder in self.mailboxes.folders(self._owner):
            if re.fullmatch(expression, folder.path, re.IGNORECASE):
                self._tell(f'* LIST ({MARKS.get(folder.path, "")}) "/" {quoted(folder.path)}')
        return ""

    def _status(self, folder: Folder, items: list[str]) -> str:
        known = {
            "MESSAGES": folder.messages,
            "UIDNEXT": folder.uidnext,
            "UIDVALIDITY": folder.uidvalidity,
            "UNSEEN": folder.unseen,
        }
        said = " ".join(f"{each} {known[each.upper()]}" for each in items if each.upper() in known)
        return self._tell(f"* STATUS {quoted(folder.path)} ({said})")

    def _append(self, folder: Folder, details: list[Word], raw: bytes) -> str:
        flags: list[str] = []
        received_at = None
        for each in details:
            if isinstance(each, list):
                flags = texts_of(each)
            else:
                received_at = moment_of(text_of(each)).timestamp()
        marks = " ".join(sorted(set(flags)))
        uid = self.mailboxes.add(folder, raw, flags=marks, received_at=received_at)
        return f"[APPENDUID {folder.uidvalidity} {uid}] Kept"

    def _select(self, folder: Folder, *, is_read_only: bool) -> str:
        selected = SelectedFolder(self.mailboxes, folder, self._say, is_read_only=is_read_only)
        self._selected = selected
        for line in (
            f"FLAGS ({FLAGS})",
            rf"OK [PERMANENTFLAGS ({FLAGS} \*)] All of them",
            f"{selected.exists} EXISTS",
            "0 RECENT",
            f"OK [UIDVALIDITY {folder.uidvalidity}] Numbered",
            f"OK [UIDNEXT {folder.uidnext}] Next",
        ):
            self._tell(f"* {line}")
        return f"[{'READ-ONLY' if is_read_only else 'READ-WRITE'}] Opened"

    def _idle(self) -> str:
        self._tell("+ Waiting")
        self.wfile.flush()
        while not select.select([self.connection], [], [], LOOKS_EVERY_SECONDS)[0]:
            if self._selected is not None:
                self._selected.tell_changes(may_be_gone=True)
                self.wfile.flush()
        self.rfile.readline(LONGEST_LINE)
        return "Done waiting"

    def _tell_placed(self, name: str, target: Folder, placed: dict[int, int]) -> str:
        """Which message has become which (RFC 4315): with COPY at the end, with MOVE before the old ones go."""
        if not placed:
            return ""
        old, new = (",".join(map(str, uids)) for uids in (placed, placed.values()))
        code = f"[COPYUID {target.uidvalidity} {old} {new}]"
        return self._tell(f"* OK {code} Moved") if name == "MOVE" else f"{code} Copied"

    def _folder(self, path: Word) -> Folder:
        folder = self.mailboxes.folder(self._owner, text_of(path))
        if folder is None:
            raise Refused("[NONEXISTENT] There is no such folder")
        return folder

    def _tell(self, line: str) -> str:
        self._say(line.encode())
        return ""

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


class ImapServer(socketserver.ThreadingTCPServer):
    """On 127.0.0.1; `serve_forever()` runs it."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, mailboxes: Mailboxes, port: int) -> None:
        session = type("SessionOfMailboxes", (ImapSession,), {"mailboxes": mailboxes})
        super().__init__(("127.0.0.1", port), session)
