"""Who may sign in, from the command line: the first admin is made here. A password is asked for, never an argument."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from follicast.doors import output
from follicast.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from follicast.records import Records, User

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Who may sign in, and as what.")
Database = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="sqlite:///clinic.db or postgresql://…; default: FOLLICAST_DATABASE, or your data folder.",
    ),
]
Login = Annotated[str, typer.Argument(metavar="LOGIN")]
Role = Literal["viewer", "assistant", "clinician", "admin"]
RoleOption = Annotated[
    Role, typer.Option(help="viewer reads; assistant writes too; clinician issues plans; admin does all.")
]


@app.command()
def add(
    login: Login,
    role: RoleOption = "clinician",
    name: Annotated[str, typer.Option(help="As others call her.")] = "",
    openid: Annotated[
        str | None,
        typer.Option(
            metavar="SUBJECT", help="What the provider of OpenID Connect calls her: subject or address."
        ),
    ] = None,
    database: Database = None,
) -> None:
    """Add a user; the password is asked for, or read from standard input; with --openid she needs none."""
    from follicast.records import Records

    password = None if openid else _password()
    with Records.open(database) as records:
        subject = openid.strip().casefold() if openid else None
        made = records.accounts.add(
            login, role=role, by="local", password=password, name=name, subject=subject
        )
    print(f"added: {made.login} ({made.role}), id {made.id}")


@app.command()
def password(login: Login, database: Database = None) -> None:
    """Give a user a new password, and end all her sessions."""
    new = _password()
    with _open(database) as records:
        records.accounts.set_password(_called(records, login).id, new, by="local")
    print(f"new password: {login}")


@app.command()
def change(
    login: Login,
    role: Annotated[Role | None, typer.Option(help="The new role.")] = None,
    disable: Annotated[
        bool | None, typer.Option("--disable/--enable", help="Let her in no more, or again.")
    ] = None,
    database: Database = None,
) -> None:
    """Change a user's role, or let her in no more."""
    if role is None and disable is None:
        raise InputError(f"{login}: nothing to change was given. Give --role, --disable or --enable.")
    with _open(database) as records:
        now = records.accounts.change(_called(records, login).id, by="local", role=role, disabled=disable)
    print(f"changed: {now.login} ({now.role}{', may not sign in' if now.disabled else ''})")


@app.command(name="list")
def show(database: Database = None) -> None:
    """List who may sign in, and as what."""
    with _open(database) as records:
        rows = [
            [u.login, u.role, u.name, "no" if u.disabled else "yes", "password" if u.has_password else "OpenID Connect"]
            for u in records.accounts.all()
        ]  # fmt: skip
    output.show(output.table(None, ["login", "role", "name", "may sign in", "by"], rows))


def _open(database: str | None) -> Records:
    from follicast.doors.kept import opened

    return opened(database)


def _called(records: Records, login: str) -> User:
    users = {user.login: user for user in records.accounts.all()}
    said = login.strip().casefold()
    if said not in users:
        raise InputError(
            f"no user is called '{login}'.{did_you_mean(said, users)} All: follicast records user list"
        )
    return users[said]


def _password() -> str:
    """Ask for a password twice, unseen; a program may send it as one line."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt="Again"))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise InputError("a password is asked for, and none came. Type it, or send it on standard input.")
    return line
