"""`make run`: the schema, the demo board, a server on this machine alone and its background work. For development.

The port is $PORT, 5000 without it.
"""

import logging
import os
import socket
import sys
from pathlib import Path

from flask.cli import ScriptInfo
from werkzeug.serving import make_server

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app import create_app
from app.cli.boards import demo_command
from app.demo import PASSWORD, SIGN_INS
from app.worker import Running

HOST = "127.0.0.1"
LOWEST, HIGHEST = 1, 65535


def asked_port() -> int:
    """$PORT as a number. Exits with a sentence where it is none."""
    text = os.environ.get("PORT") or "5000"
    if text.isascii() and text.isdigit() and LOWEST <= int(text[:6]) <= HIGHEST:
        return int(text)
    sys.exit(f"PORT={text} is not a port. Use a number from {LOWEST} to {HIGHEST}, for example PORT=5001.")


def bound(port: int) -> socket.socket:
    """A listening socket on this machine's own address. Exits with a sentence where the port is taken."""
    wire = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        wire.bind((HOST, port))
    except OSError as error:
        other = port + 1 if port < HIGHEST else 5000
        sys.exit(f"Port {port} cannot be used ({error.strerror}). Try another: make run PORT={other}")
    wire.listen(128)
    return wire


def told(address: str) -> str:
    """What a newcomer needs to look around."""
    people = "\n".join(f"  {who.email:<24} {who.what}" for who in SIGN_INS)
    return f"""
Nexus is at {address}

Sign in as one of these, with the password "{PASSWORD}":
{people}

Ctrl-C stops it.
"""


def main() -> None:
    wire = bound(asked_port())
    address = f"http://{HOST}:{wire.getsockname()[1]}"
    os.environ.setdefault("BASE_URL", address)
    app = create_app()
    if app.extensions["nexus-settings"].production:
        sys.exit("`make run` is for development; docs/operating.md says how Nexus runs in production.")
    demo_command.main([], prog_name="demo", standalone_mode=False, obj=ScriptInfo(create_app=lambda: app))
    logging.getLogger("huey").setLevel(logging.WARNING)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # requests are logged once, by the application
    server = make_server(HOST, wire.getsockname()[1], app, threaded=True, fd=wire.fileno())
    background = Running(app)  # in this process alone: a server elsewhere has a worker of its own
    background.start()
    print(told(address), flush=True)
    try:
        server.serve_forever()
    finally:
        background.stop()
    print("\nStopped.")


if __name__ == "__main__":
    main()
