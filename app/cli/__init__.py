"""Commands: parse arguments, call the domain, show progress. One module a concern."""

from flask import Flask

from app.cli.boards import demo_command
from app.cli.doctor import doctor_command
from app.cli.importing import import_command
from app.cli.keeping import backup_command, restore_command
from app.cli.people import create_user_command
from app.cli.working import work_off_command, worker_command
from app.core.settings import Settings

COMMANDS = (
    backup_command, create_user_command, demo_command, doctor_command, import_command, restore_command,
    work_off_command, worker_command,
)


def install(app: Flask, settings: Settings) -> None:
    """Put the commands on `flask`."""
    for command in COMMANDS:
        app.cli.add_command(command)
