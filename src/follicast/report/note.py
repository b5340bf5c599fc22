"""A note to paste into a record: plain text, one fact a line, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator

from follicast.forecast import ArmForecast
from follicast.plan.balance import HarmLine
from follicast.report.names import REGIONS, arm_name, therapy_name
from follicast.report.page import Page
from follicast.report.text import marked

_HARMS = 5
_LIKELY = 0.02


def note(page: Page) -> str:
    """Return the note of a plan."""
    return "\n".join(line for line in _lines(page) if line)


def _apart(page: Page, words: str) -> str:
    """Keep Latin words and dates of a right-to-left note together, each by itself."""
    return marked(words) if page.say.direction == "rtl" else words


def _lines(page: Page) -> Iterator[str]:
    plan, say = page.plan, page.say
    patient = plan.assessment.patient
    who = say.say(
        "Woman, {age} years" if patient.sex == "F" else "Man, {age} years", age=say.number(patient.age)
    )
    start = say.say("plan from {date}", date=say.date(plan.start)) if plan.start else ""
    rules = say.say("safety rules: {region}", region=say.say(REGIONS[plan.assessment.policy]))
    name, person = (_apart(page, words) for words in ("Follicast", patient.id or ""))
    yield " · ".join(filter(None, (name, who, person, start, rules)))
    yield from _likely(page)
    yield _line(page, "The choice", arm_name(plan.choice or "none", say))
    if plan.certainty:
        yield _line(page, "certainty", say.say(plan.certainty.grade))
    yield from _expected(page)
    yield from _due(page)
    yield from _harms(page)
    yield _line(page, "first year", _money(page))
    yield from _not_given(page)
    yield say.say("This report supports a clinician's decision. It never replaces it.")
    yield _apart(page, f"Follicast {page.version}, evidence {page.evidence_version}")


def _line(page: Page, head: str, *words: str) -> str:
    colon = "：" if page.say.language == "ja" else ": "
    head = page.say.say(head)
    return f"{head[:1].upper()}{head[1:]}{colon}{'; '.join(words)}" if any(words) else ""


def _told(page: Page, words: str) -> str:
    return _apart(page, page.say.told(words) or words)


def _likely(page: Page) -> Iterator[str]:
    say = page.say
    if page.skin:
        yield _line(page, "What it is for", _told(page, page.skin.use.name) if page.skin.use else "")
        return
    found = sorted(page.plan.assessment.diagnoses, key=lambda diagnosis: -diagnosis.probability)
    told = [d for i, d in enumerate(found) if i == 0 or d.probability >= _LIKELY]
    yield _line(
        page,
        "What it is likely to be",
        *(
            say.say("{name}, about {n} of 100", name=_told(page, d.name), n=round(100 * d.probability))
            for d in told
        ),
    )


def _expected(page: Page) -> Iterator[str]:
    say, arm, month = page.say, page.chosen, page.judged_at
    if page.untreated is None:
        return
    if arm:
        extra = say.say(
            "{median} hairs per cm² ({low} to {high})",
            median=say.signed(arm.extra_hair["median"], 1),
            low=say.number(arm.extra_hair["low"], 1),
            high=say.number(arm.extra_hair["high"], 1),
        )
        yield f"{say.say('Over no treatment, month {n}', n=month)}: {extra}"
    shares = [
        f"{arm_name(one.arm, say)} {_apart(page, _of_100(one))}"
        for one in filter(None, (arm, page.untreated))
    ]
    yield f"{say.say('of 100, month {n}: gain / hold / lose', n=month)}: {'; '.join(shares)}"


def _of_100(arm: ArmForecast) -> str:
    return " / ".join(str(arm.of_100[kind]) for kind in ("gain", "hold", "lose"))


def _due(page: Page) -> Iterator[str]:
    plan = page.plan
    sessions = [f"{_day(page, one)} {_told(page, one.what)}" for one in plan.sessions]
    yield _line(page, "Dates", *sessions)
    yield _line(
        page, "Tests to ask for", *(f"{_day(page, lab)} {_told(page, lab.name)}" for lab in plan.labs)
    )
    yield _line(page, "Reviews", *(_day(page, look) for look in plan.visits if look.day))


def _day(page: Page, one: object) -> str:
    day, date = getattr(one, "day", 0), getattr(one, "date", None)
    return _apart(page, date.isoformat()) if date else page.say.say("day {n}", n=day)


def _harms(page: Page) -> Iterator[str]:
    counted = [f"{_told(page, h.plain)} {_rate(page, h)}" for h in page.counted_harms[:_HARMS]]
    yield _line(page, "Side effects", *counted)


def _rate(page: Page, harm: HarmLine) -> str:
    number, say = page.say.number, page.say.say
    if harm.of_100 is None:
        return say("at most {n} of 100", n=number(harm.at_most or 0))
    return say("{n} of 100", n=number(harm.of_100)) if harm.of_100 >= 1 else say("fewer than 1 of 100")


def _money(page: Page) -> str:
    cost = page.plan.cost
    if cost.first_year is None or cost.currency is None:
        return page.say.say("open: a price is not known")
    return _apart(page, page.say.money(cost.first_year, cost.currency))


def _not_given(page: Page) -> Iterator[str]:
    for status, head in (("waiting", "Waiting for something"), ("closed", "Not for you, and why")):
        told = [one for one in page.plan.refused if one.status == status]
        yield _line(page, head, *(_apart(page, therapy_name(one.therapy, page.say)) for one in told))
