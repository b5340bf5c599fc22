"""Chores: fitting to published trials, predicted against observed, speed, schemas, what is not built yet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from follicast.doors import output
from follicast.errors import InputError

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
NOT_BUILT = 2
_HERE = ("127.0.0.1", "::1", "localhost")
CHECKOUT = Path(__file__).resolve().parents[3]
RUNS = CHECKOUT / ".work" / "calibration"  # kept between runs of `calibrate --resume`
ANYTHING = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": ["--help"]}


def calibrate(
    resume: Annotated[bool, typer.Option("--resume", help="Keep the rounds already simulated.")] = False,
) -> None:
    """Fit the model to the published trials and write the posterior."""
    from follicast.trials import calibration

    with output.progress() as say:
        calibration.main(RUNS, resume, say)
    print("the posterior is written; look at it with: follicast qualify")


def qualify(
    study: Annotated[
        list[Path] | None, typer.Option("--study", help="A study file or a table of trials.")
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Keep it beside the posterior, for the documentation.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print predicted against observed for the published trials, and for each left out of the fit."""
    from follicast.doors import qualified
    from follicast.trials import qualification

    if record and study:
        raise InputError("--record keeps the qualification by all studies; leave --study out")
    with output.progress() as say:
        found = qualification.qualify(study or [], say)
    if record:
        qualification.record(found)
    if as_json:
        output.print_json(qualified.headed(found))
    else:
        output.show(*qualified.told(found))


def schema(
    name: Annotated[
        str, typer.Argument(help="patient, forecast, plan, or a kind of evidence such as study, rule.")
    ],
) -> None:
    """Print the JSON Schema of a file or an answer."""
    from follicast.doors.schema import names, schema_of

    if name == "trial":
        not_built("schema trial")
    if name not in names():
        raise typer.BadParameter(
            f"'{name}' has no schema. There are: {', '.join(names())}.", param_hint="NAME"
        )
    output.print_json(schema_of(name))


def bench() -> None:
    """Run the benchmarks beside the C yardstick and the peers, and print ratios."""
    script = CHECKOUT / "benchmarks" / "bench.py"
    if not script.exists():
        raise InputError("the benchmarks live in the folder benchmarks/ of a checkout, in bench.py; "
                         "this installation has none. Clone the repository and run: follicast bench")  # fmt: skip
    raise typer.Exit(subprocess.run([sys.executable, str(script)], cwd=CHECKOUT, check=False).returncode)


def trial() -> None:
    """Run a virtual trial (later)."""
    not_built("trial")


def claims(
    kind: Annotated[str | None, typer.Option(help="Only claims of one kind, such as emergent.")] = None,
    page: Annotated[
        str | None, typer.Option(metavar="CITEKEY", help="Only those of one page, such as seed-prp-clinic.")
    ] = None,
    verdict: Annotated[
        str | None, typer.Option(help="Only those with one verdict, such as 'does not hold'.")
    ] = None,
    run: Annotated[
        bool, typer.Option("--run", help="Ask virtual people anew and write the verdicts; about two minutes.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show every claim of the source pages: what honours it, and what simulation and trials say to it."""
    from follicast.doors import claimed

    for name, given in (("kind", kind), ("page", page), ("verdict", verdict)):
        if given is not None and given not in (known := claimed.known(name)):
            raise typer.BadParameter(
                f"no claim has it. There are: {', '.join(known)}.", param_hint=f"--{name}"
            )
    if run:
        _ask_anew()
    found, answer = claimed.answer(kind, page, verdict)
    if as_json:
        output.print_json(answer)
    else:
        output.show(*claimed.told(found))
        output.warn(answer["warnings"])


def _ask_anew() -> None:
    from follicast.evidence.library import evidence
    from follicast.trials import claims as put

    with output.progress() as say:
        put.write(put.ask(say))
    evidence.cache_clear()  # what is shown next is what was just found


def serve(
    host: Annotated[str, typer.Option(metavar="HOST", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, metavar="PORT", help="The port.")] = 8000,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="sqlite:///clinic.db or postgresql://…")
    ] = None,
    accounts: Annotated[bool, typer.Option("--accounts", help="Ask for a login and a password.")] = False,
    secure: Annotated[
        bool, typer.Option("--secure", help="Reached by https alone, as behind a proxy.")
    ] = False,
    workers: Annotated[
        int,
        typer.Option(min=1, max=32, metavar="N", help="How many forecasts and plans are worked on at once."),
    ] = 3,
) -> None:
    """Serve the clinic's page and its API; accounts by OpenID Connect too, where FOLLICAST_OIDC_* name a provider."""
    from follicast.doors.web.serving import serve as run
    from follicast.doors.web.settings import Settings, openid_of

    if host not in _HERE and not accounts:
        raise typer.BadParameter(
            "anyone on the network could reach it: give accounts with --accounts.", param_hint="--host"
        )
    door: Literal["accounts", "local"] = "accounts" if accounts else "local"
    how = Settings(database, door, secure, openid_of() if accounts else None, workers=workers)
    run(how, host, port)


def not_built(what: str) -> None:
    """Say that a promised name has nothing behind it yet, and end with status 2."""
    print(f"{what}: not built yet", file=sys.stderr)
    raise typer.Exit(NOT_BUILT)
