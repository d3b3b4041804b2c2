"""Making people by hand."""

import secrets
import sys

import click
from flask.cli import with_appcontext

from app.core import clock
from app.core.db import transaction
from app.core.errors import DomainError
from app.domain.accounts import passwords
from app.domain.accounts.services import create_user
from app.domain.companies.services import sign_up_employer


@click.command("create-user")
@click.argument("email")
@click.option("--role", type=click.Choice(["admin", "employer", "seeker"]), required=True)
@click.option("--name", default="", help="Their name; the part before the @ when left out.")
@click.option("--company", default="", help="An employer's company; named after the person when left out.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@with_appcontext
def create_user_command(email: str, role: str, name: str, company: str, password_stdin: bool) -> None:
    """Make a person who can sign in. Without --password-stdin a password is made and printed once."""
    name = name or email.split("@")[0]
    password = sys.stdin.readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(18)
    try:
        passwords.check_strength(password, email, name)
        hashed = passwords.hashed(password)
        with transaction() as session:
            if role == "employer":
                boss = sign_up_employer(session, email, name, hashed, company or f"{name}'s company", clock.now())
                boss.email_verified_at = clock.now()
            else:
                create_user(session, email, name, hashed, clock.now(), is_admin=role == "admin", verified=True)
    except DomainError as error:
        raise click.ClickException("; ".join(getattr(error, "fields", {}).values()) or error.message) from None
    click.echo(f"{email} can sign in as {role}.")
    if not password_stdin:
        click.echo(f"Password (shown once): {password}")
