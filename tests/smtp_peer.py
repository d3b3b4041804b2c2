"""A real mail server to send to, that can be told to misbehave: refuse, stall, lose its acknowledgement, be down."""

import socket
from collections import defaultdict
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Answer = Callable[[str, int], str]
"""(recipient, how many times this recipient was tried before) → what to do, one of the words below."""

ACCEPT = "accept"
LATER = "451 4.3.0 try again later"
NO_SUCH = "550 5.1.1 no such user someone@secret.example here"
REFUSE_CONTENT = "554 5.6.0 refused"
LOSE = "take it, and hang up before saying so"


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as wire:
        wire.bind(("127.0.0.1", 0))
        return int(wire.getsockname()[1])


class Peer:
    """`with Peer(answer) as peer:` listens; `peer.taken` maps a recipient to the Message-IDs it was handed."""

    def __init__(self, answer: Answer = lambda recipient, before: ACCEPT, port: int = 0) -> None:
        self.answer = answer
        self.port = port or free_port()
        self.taken: dict[str, list[str]] = defaultdict(list)
        self.letters: list[Message] = []
        self.tries: dict[str, int] = defaultdict(int)
        self.connections = 0
        self.on_letter: Callable[[int], None] = lambda number: None
        """Called with the number of letters taken, before the server says that it took the last."""
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def up(self) -> None:
        """Listen."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def down(self) -> None:
        """Stop listening, and hang up."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(self, *error: object) -> None:
        self.down()

    @property
    def ids(self) -> dict[str, set[str]]:
        """The distinct Message-IDs each recipient got."""
        return {recipient: set(ids) for recipient, ids in self.taken.items()}

    @property
    def repeats(self) -> int:
        """Letters that came more than once."""
        return sum(len(ids) - 1 for ids in self.taken.values())

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        said = self.answer(address, self.tries[address])
        self.tries[address] += 1
        if said in (LATER, NO_SUCH):
            return said
        envelope.rcpt_tos.append(address)
        session.said = said  # type: ignore[attr-defined]
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        said = session.said  # type: ignore[attr-defined]
        if said == REFUSE_CONTENT:
            return REFUSE_CONTENT
        letter = message_from_bytes(envelope.content or b"")  # type: ignore[arg-type]
        self.letters.append(letter)
        for recipient in envelope.rcpt_tos:
            self.taken[recipient].append(letter["Message-ID"])
        self.on_letter(len(self.letters))
        if said == LOSE:
            server.transport.abort()  # type: ignore[union-attr]
        return "250 OK"
