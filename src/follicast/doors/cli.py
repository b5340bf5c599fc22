"""The command line: parses, calls, prints. Nothing is computed here.

Exit status 0 done, 1 the input is at fault, 2 usage, 3 nothing of what was asked can be given. Rooms are
imported inside the commands, so that a question about a drug does not wait for the simulator.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from follicast.doors import chores, kept, lookups, output, sensed
from follicast.errors import FollicastError, InputError

if TYPE_CHECKING:
    from follicast.patient import Patient
    from follicast.plan.document import Plan
    from follicast.plan.of_skin import SkinPlan
    from follicast.plan.walk import Expected, Refused

BUNDLED, BUNDLED_CHOICE = "woman-47-pattern.yaml", "prp"
OUT = Path("out")
INTERRUPTED = 130
LARGEST_SEED = 2**63 - 1

app = typer.Typer(
    add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, no_args_is_help=True
)


def _date(said: str) -> dt.date:
    try:
        return dt.date.fromisoformat(said)
    except ValueError:
        raise typer.BadParameter(f"'{said}' is not a day of the calendar; write it as 2026-11-22.") from None


Person = Annotated[
    str, typer.Argument(metavar="PATIENT", help="A YAML or JSON file, or - for standard input.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Start = Annotated[
    dt.date | None, typer.Option(parser=_date, metavar="DATE", help="Day 0; default: the patient's date.")
]
Months = Annotated[int, typer.Option(min=1, max=120, help="How far to look ahead.")]
Draws = Annotated[int, typer.Option(min=20, max=2000, help="How many guesses of what is not known.")]
Seed = Annotated[
    int, typer.Option(min=0, max=LARGEST_SEED, help="The luck; the same seed grows the same hairs.")
]
Language = Annotated[
    Literal["en", "vi", "ar", "ja"] | None,
    typer.Option(help="Of page and summary; the page's default: the patient's."),
]
Setting = Annotated[
    Literal["specialist", "general"],
    typer.Option(help="Whose prior odds: those of a specialist clinic, or of general practice."),
]
Everything = Annotated[bool, typer.Option("--all", help="Show everything, not only what matters here.")]
Out = Annotated[Path, typer.Option(metavar="DIR", help="The folder to write to.")]
Prefer = Annotated[
    str | None,
    typer.Option(
        metavar="WEIGHTS", help="What counts, 0 to 5, such as safety=5,cost=3; default: the wishes."
    ),
]
Pdf = Annotated[
    bool, typer.Option("--pdf", help="Print the patient's page to plan.pdf as well (needs Chromium).")
]
MonitorPrice = Annotated[
    bool, typer.Option("--monitor-price", help="Let in prices that are given on request only.")
]
Prices = Annotated[
    Path | None, typer.Option("--prices", metavar="FILE", help="The clinic's own price list (YAML).")
]
ClinicFile = Annotated[
    Path | None,
    typer.Option("--clinic", metavar="FILE", help="The clinic's country, open days and hours (YAML)."),
]
NeutralCalendar = Annotated[
    bool, typer.Option("--neutral-calendar", help="Titles in plan.ics that say nothing of hair.")
]


@app.callback()
def follicast() -> None:
    """Forecast hair, follicle by follicle, and turn the forecast into a plan."""


@app.command()
def assess(
    patient: Person,
    setting: Setting = "specialist",
    everything: Annotated[
        bool,
        typer.Option("--all", help="Show every kind, question, therapy and test, not only what matters."),
    ] = False,
    bibtex: output.Bibtex = None,
    as_json: Json = False,
) -> None:
    """Say what the loss is likely to be, what must be seen first, and which therapies are open."""
    from follicast.assessment import assess

    found = assess(_load(patient), setting=setting)
    output.write_bibtex(bibtex, found.sources)
    if as_json:
        output.print_json(found.as_json())
        return
    from follicast.report.assessed import assessment_summary

    output.show(assessment_summary(found, everything=everything))


@app.command()
def forecast(
    patient: Person,
    arm: Annotated[
        list[str], typer.Option(metavar="ARM", help="Such as prp:sessions=5+minoxidil-topical-1; repeat it.")
    ],
    site: Annotated[
        str | None, typer.Option(metavar="SITE", help="vertex, frontal, midscalp, parietal or occipital.")
    ] = None,
    months: Months = 24,
    start: Start = None,
    draws: Draws = 200,
    seed: Seed = 7,
    as_json: Json = False,
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the curves as a long table.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the curves as .svg or .png.")
    ] = None,
    bibtex: output.Bibtex = None,
) -> None:
    """Forecast the course under each arm; no treatment is always added."""
    _check_files(csv, plot, bibtex)
    with output.progress() as say:
        how = {"site": _site(site)} if site else {}
        found = _expect(
            patient, arm, as_json, months=months, start=start, draws=draws, seed=seed, say=say, **how
        )
    _write_forecast(found, csv, plot)
    output.write_bibtex(bibtex, found.forecast.sources)
    _print_forecast(found, as_json)
    if not found.anything:
        _refuse("no arm that was asked for can be foreseen; each says what is missing.")


@app.command(name="follow-up")
def follow_up(
    patient: Person,
    taken: Annotated[str, typer.Option(metavar="ARM", help="The arm that was followed; none: untreated.")],
    arm: Annotated[list[str] | None, typer.Option(metavar="ARM", help="Others to show beside it.")] = None,
    site: Annotated[
        str | None, typer.Option(metavar="SITE", help="vertex, frontal, midscalp, parietal or occipital.")
    ] = None,
    months: Months = 24,
    start: Start = None,
    draws: Draws = 200,
    seed: Seed = 7,
    as_json: Json = False,
) -> None:
    """Sharpen a forecast by the visits in the patient's file: on track or not, and when to look again."""
    from follicast.evidence.heading import heading
    from follicast.follow_up import given

    with output.progress() as say:
        how = {"site": _site(site)} if site else {}
        arms = list(dict.fromkeys([taken, *(arm or [])]))
        made = _expect(
            patient, arms, as_json, months=months, start=start, draws=draws, seed=seed, say=say, **how
        )
        if made.forecast.arm(taken).refused:
            _print_forecast(made, as_json)
            _refuse(f"'{taken}' has no curve that visits could sharpen.")
        say("weighing what was seen")
        found = given(made.forecast, made.forecast.today.patient.visits, taken)
    if as_json:
        output.print_json(heading(seed, found.forecast.sources, found.warnings) | found.as_json())
        return
    from follicast.doors.followed import told

    output.show(*told(found))
    output.warn(found.warnings)


@app.command()
def plan(
    patient: Person,
    choose: Annotated[str | None, typer.Option(metavar="ARM", help="Default: the one advised.")] = None,
    language: Language = None,
    start: Start = None,
    out: Out = OUT,
    draws: Draws = 200,
    seed: Seed = 7,
    monitor_price: MonitorPrice = False,
    prices: Prices = None,
    clinic: ClinicFile = None,
    neutral_calendar: NeutralCalendar = False,
    prefer: Prefer = None,
    pdf: Pdf = False,
    bibtex: output.Bibtex = None,
    as_json: Json = False,
) -> None:
    """Plan a choice: writes plan.html (for the patient), clinician.html, plan.json and plan.ics."""
    person = _load(patient)
    own = _own(clinic, prices)
    output.check_out(out)
    if pdf:
        from follicast.report.paper import renderer

        renderer()  # before anything is worked out: without one there is nothing to print
    with output.progress() as say:
        how = {"on_request": monitor_price, "prefer": _weights(prefer), "say": say, **own}
        made = _advise(person, choose, as_json, language, start=start, draws=draws, seed=seed, **how)
        written = _write_plan(made, language or person.language, out, say, neutral_calendar, pdf)
    output.write_bibtex(bibtex, made.sources)
    _print_plan(made, written, as_json, language)


@app.command()
def demo(out: Out = OUT, language: Language = None) -> None:
    """Take the bundled patient through it all: assessment, forecast, plan, report."""
    from follicast.report.assessed import assessment_summary
    from follicast.report.terminal import forecast_summary

    person = _load(str(_example(BUNDLED)))
    output.check_out(out)
    with output.progress() as say:
        made = _advise(person, BUNDLED_CHOICE, False, language, say=say)
        written = _write_plan(made, language or person.language, out, say)
    said, foreseen = language or "en", getattr(made, "forecast", None)
    output.show(assessment_summary(made.assessment, said), "")
    if foreseen is not None:
        output.show(forecast_summary(foreseen, said), "")
    _print_plan(made, written, False, language)


@app.command()
def explain(
    patient: Person,
    therapy: str,
    setting: Setting = "specialist",
    everything: Everything = False,
    bibtex: output.Bibtex = None,
    as_json: Json = False,
) -> None:
    """Show which rules and numbers gave the answer for one therapy, each with its source."""
    from follicast.assessment import assess
    from follicast.doors.explained import told
    from follicast.plan.explanation import explain

    found = explain(assess(_load(patient), setting=setting), therapy)
    output.write_bibtex(bibtex, found.sources)
    if as_json:
        output.print_json(found.as_json())
    else:
        output.show(*told(found, everything))


app.add_typer(kept.app, name="records")
app.command()(sensed.sensitivity)
for command in (lookups.therapies, lookups.conditions, lookups.drugs, lookups.numbers, lookups.evidence,
                chores.schema, chores.calibrate, chores.qualify, chores.claims, chores.bench,
                chores.serve):  # fmt: skip
    app.command()(command)
app.command(context_settings=chores.ANYTHING)(chores.trial)


def main() -> None:
    """Run the command line; every error of the user's is one message on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without the sign for cm2 still gets its answer
    try:
        app(prog_name="follicast")
    except FollicastError as trouble:
        _end(f"error: {trouble}", trouble.exit_code)
    except BrokenPipeError:
        _hush()
    except KeyboardInterrupt:
        _end("stopped", INTERRUPTED)
    except Exception as trouble:
        if os.environ.get("FOLLICAST_TRACEBACK"):
            raise
        _end(
            f"error: a fault of Follicast's own, please report it: {type(trouble).__name__}: {trouble} "
            "(FOLLICAST_TRACEBACK=1 shows where)",
            1,
        )


def _end(message: str, status: int) -> None:
    print(message, file=sys.stderr)
    raise SystemExit(status) from None


def _hush() -> None:
    """End quietly where the reader of a pipe has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(0) from None


def _refuse(message: str) -> None:
    print(f"refused: {message}", file=sys.stderr)
    raise typer.Exit(3)


def _load(path: str) -> Patient:
    from follicast.patient import Patient

    return Patient.load(path)


def _example(name: str) -> Path:
    """Return a bundled patient; they lie beside the source, in the folder examples/ of the checkout."""
    path = Path(__file__).resolve().parents[3] / "examples" / name
    if not path.exists():
        raise InputError(f"the bundled patient lies in examples/{name} of a checkout, and this installation has none. "
                         "Clone the repository and run: make demo")  # fmt: skip
    return path


def _check_files(csv: Path | None, plot: Path | None, bibtex: Path | None) -> None:
    for path in filter(None, (csv, plot, bibtex)):
        output.check_folder(path)
    if plot and plot.suffix.lower() not in (".svg", ".png"):
        raise typer.BadParameter(f"'{plot.name}' ends neither in .svg nor in .png.", param_hint="--plot")


def _expect(patient: str, arms: list[str], as_json: bool, **how: Any) -> Expected:
    """Forecast, or print why there is no forecast and end with status 3."""
    from follicast.regimen import Regimen

    person, asked = _load(patient), [Regimen(words) for words in arms]
    from follicast.plan.walk import Refused, expect

    try:
        return expect(person, asked, **how)
    except Refused as refusal:
        because = {"because": str(refusal), "missing": "a model of this kind of hair loss", "trials": []}
        _print_refusal(
            refusal,
            "No forecast",
            as_json,
            {"arms": [{"arm": str(arm), "class": None, "refused": because, "sources": []} for arm in asked]},
        )
        raise


def _site(name: str) -> str:
    from follicast.sites import site_called

    return site_called(name)


def _weights(words: str | None) -> dict[str, float] | None:
    from follicast.plan.preferences import parse

    return parse(words) if words else None


def _write_forecast(found: Expected, csv: Path | None, plot: Path | None) -> None:
    if csv:
        from follicast.doors.curves import long_table

        output.write({csv: long_table(found.forecast)})
    if plot:
        from follicast.doors.curves import drawing

        output.write({plot: drawing(found.forecast, plot.suffix.lower())})


def _print_forecast(found: Expected, as_json: bool) -> None:
    if as_json:
        output.print_json(found.as_json())
        return
    from follicast.doors.curves import outcomes
    from follicast.report.assessed import seen_first
    from follicast.report.terminal import forecast_summary

    first = seen_first(found.assessment)
    output.show(*first, forecast_summary(found.forecast), "", *outcomes(found.forecast))
    output.warn(warning for warning in found.warnings if warning not in found.forecast.warnings)


def _advise(
    person: Patient, choice: str | None, as_json: bool, language: str | None, **how: Any
) -> Plan | SkinPlan:
    """Make a plan, or print why there is none and end with status 3."""
    from follicast.plan.walk import Refused, advise

    try:
        return advise(person, choice, **how)
    except Refused as refusal:
        because = {"choice": choice, "refused_because": str(refusal)}
        _print_refusal(refusal, "No plan", as_json, because, language or "en")
        raise


def _print_refusal(
    refusal: Refused, what: str, as_json: bool, answer: dict[str, Any], language: str = "en"
) -> None:
    if as_json:
        output.print_json(refusal.assessment.as_json() | answer)
        return
    from follicast.report.assessed import assessment_summary

    output.show(assessment_summary(refusal.assessment, language), f"{what}: {refusal}")


def _own(clinic: Path | None, prices: Path | None) -> dict[str, Any]:
    """Read what the clinic tells of itself."""
    from follicast.plan.clinic import clinic_from, prices_from

    return {
        "clinic": clinic_from(clinic) if clinic else None,
        "prices": prices_from(prices) if prices else None,
    }


def _write_plan(
    made: Plan | SkinPlan,
    language: str,
    out: Path,
    say: output.Say,
    neutral: bool = False,
    pdf: bool = False,
) -> list[Path]:
    """Write the plan as two pages, JSON and calendar; a plan without dates has no calendar."""
    from follicast.doors.calendar import calendar
    from follicast.report import report

    say("drawing the report")
    page = report(made, language)
    files: dict[Path, str | bytes] = {out / "plan.html": page.html}
    files[out / "clinician.html"] = report(made, language, audience="clinician").html
    files[out / "plan.json"] = output.as_json(made.as_json())
    if pdf:
        from follicast.report.paper import printed

        say("printing the page")
        files[out / "plan.pdf"] = printed(page.html)
    before = out / "plan.ics"
    neutral = neutral or made.assessment.patient.wishes.get("neutral_calendar") is True
    dates = calendar(made, before.read_bytes() if before.is_file() else None, language, neutral)
    if dates is not None:
        files[before] = dates
    output.write(files)
    return list(files)


def _print_plan(made: Plan | SkinPlan, written: list[Path], as_json: bool, language: str | None) -> None:
    if as_json:
        output.print_json(made.as_json())
        return
    from follicast.plan.document import ASKED_FOR
    from follicast.report.terminal import summary

    if made.why != ASKED_FOR:
        output.show(f"Nobody chose, so: {made.choice} ({made.why}).", "")
    output.show(summary(made, language or "en"))
    output.show("", *(f"written: {path}" for path in written))
    if made.start is None:
        output.warn(["no date is known, so there is no calendar; give one with --start"])


if __name__ == "__main__":
    main()
