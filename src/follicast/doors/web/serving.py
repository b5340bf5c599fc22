"""The clinic's page served: on a port that is free, until it is told to go, with nothing of a request in a log."""

from __future__ import annotations

import errno
import logging
import socket
import sys

from follicast.doors.web import sign_in
from follicast.doors.web.app import create_app
from follicast.doors.web.settings import Settings
from follicast.errors import InputError
from follicast.records import Records

_GOODBYE_S = 8
# These write what passes through them where a program logs everything.
_TALKATIVE = (
    "sse_starlette",
    "python_multipart",
    "httpx",
    "httpcore",
    "PIL",
    "authlib",
    "multipart",
    "uvicorn.access",
)


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve the clinic's page until interrupted; raises `InputError` where the port is taken."""
    import uvicorn

    with bound(host, port) as listening:
        hush()
        app = create_app(settings)
        print(greeting(app.state.records, settings, host, listening.getsockname()[1]), flush=True)
        # No access log: an address may hold a record's id, and who looked is kept in the audit trail.
        config = uvicorn.Config(
            app, access_log=False, log_level="warning", server_header=False,
            timeout_graceful_shutdown=_GOODBYE_S, proxy_headers=settings.secure, ws="none",
        )  # fmt: skip
        uvicorn.Server(config).run(sockets=[listening])


def hush() -> None:
    """Let no library write what passes through it, whatever the rest of the program logs."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens where it is asked to; raises `InputError` where it cannot."""
    try:
        family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind)
    except OSError:
        raise InputError(f"--host {host}: there is no such place on this machine. Give 127.0.0.1.") from None
    if sys.platform != "win32":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(where)
        listening.listen(2048)  # now, so that a port that is taken is found out now
    except OSError as trouble:
        listening.close()
        raise InputError(_why_not(trouble, host, port)) from None
    return listening


def _why_not(trouble: OSError, host: str, port: int) -> str:
    if trouble.errno == errno.EADDRINUSE:
        return (f"--port {port}: another program listens there already, perhaps Follicast itself. "
                "Stop it, or give another port.")  # fmt: skip
    if trouble.errno == errno.EACCES:
        return f"--port {port}: ports below 1024 are not for everyone. Give a higher one."
    return f"--host {host}, --port {port}: it cannot be listened there: {trouble.strerror}. Give 127.0.0.1."


def greeting(records: Records, settings: Settings, host: str, port: int) -> str:
    """Return what is said at the start: where the records lie, and how one gets in."""
    place = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    lies = f"The records lie in {records.database.where}\nphotographs in {records.photographs.folder.root}"
    if settings.door == "local":
        token = records.tokens.make(sign_in.OPENING)
        return (
            f"{lies}\n\nOpen in a browser (works once, within the hour):\n\n    {place}/open?token={token}\n"
        )
    nobody = "" if records.accounts.all() or settings.openid else _NOBODY
    by = " or by OpenID Connect" if settings.openid else ""
    return f"{lies}\n\nSign in{by} at\n\n    {place}/\n{nobody}"


_NOBODY = "\nNobody has an account yet. Make the first: follicast records user add LOGIN --role admin\n"
