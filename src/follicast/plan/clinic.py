"""What a clinic tells of itself in files of its own: when it is open, at what hour it sees people, its prices.

What it does not say is left open. It does not know the clinic's diary.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from follicast.errors import InputError
from follicast.evidence.library import evidence, find
from follicast.evidence.price import COUNT, VISIT, PriceList
from follicast.evidence.reader import Sheet, Strict, build, parse
from follicast.evidence.window import TEST

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
KINDS = (TEST, VISIT)  # what has an hour beside therapies
MAX_BYTES = 200_000
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _hour(value: str) -> str:
    try:
        dt.time.fromisoformat(value)
    except ValueError:
        raise ValueError("this is no time of day; write it as '09:30'") from None
    return value


Hour = Annotated[str, AfterValidator(_hour)]


class Clinic(Strict):
    """One clinic. `open` empty: every day but the place's weekend; `closed` names days, stretches and weekdays.

    `hours` gives the time of day by therapy id, `test` or `visit`; `minutes` how long each lasts [min].
    """

    name: str = "the clinic"
    country: str | None = None
    timezone: str | None = None
    open: list[Annotated[Weekday, BeforeValidator(_lower)]] = []
    closed: list[str] = []
    open_on_holidays: bool = False
    hours: dict[str, Hour] = {}
    minutes: dict[str, Annotated[int, Field(gt=0, le=24 * 60)]] = {}

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, zone: str | None) -> str | None:
        if zone is not None and zone not in zoneinfo.available_timezones():
            raise ValueError("no such time zone is known; write it as Asia/Tokyo")
        return zone

    @field_validator("hours", "minutes")
    @classmethod
    def _of_something(cls, table: dict[str, object]) -> dict[str, object]:
        for name in set(table) - set(KINDS):
            try:
                find(evidence().therapies, name, "therapy", "follicast therapies")
            except InputError as trouble:
                raise ValueError(f"{trouble} Beside therapies there are: {', '.join(KINDS)}") from None
        return table


def clinic_from(path: Path) -> Clinic:
    """Read a clinic's file; raises `InputError` with file, line and what would do."""
    sheet = _sheet(path, "'country: JP' and 'open: [Monday, Tuesday]'")
    return build(sheet, Clinic, error=InputError)


def prices_from(path: Path) -> PriceList:
    """Read a clinic's own price list, by the same model as those that ship.

    Its lines may leave out `source` and `place`: they rest on the list itself. Raises `InputError` with file,
    line and what would do.
    """
    sheet = _sheet(path, "'clinic: …', 'currency: JPY' and 'offers: […]'")
    sheet.content.setdefault("id", path.stem)
    for shelf in ("offers", "fees", "market"):
        for line in sheet.content.get(shelf) or []:
            if isinstance(line, dict):
                line.setdefault("source", str(sheet.content["id"]))
                line.setdefault("place", path.name)
    context = {"sources": {*evidence().references, str(sheet.content["id"])}}
    read = build(sheet, PriceList, context=context, error=InputError)
    _check_names(sheet, read)
    return read


def _check_names(sheet: Sheet, prices: PriceList) -> None:
    """Refuse a line for a therapy or a test that nobody knows."""
    library = evidence()
    known = {**dict.fromkeys((VISIT, COUNT)), **library.labs}
    for shelf, key, names, command in (
        ("offers", "therapy", library.therapies, "follicast therapies"),
        ("market", "therapy", library.therapies, "follicast therapies"),
        ("fees", "of", known, f"{VISIT}, {COUNT}, and the tests: follicast evidence --help"),
    ):
        for i, line in enumerate(getattr(prices, shelf)):
            try:
                find(names, getattr(line, key), "therapy" if key == "therapy" else "test or fee", command)
            except InputError as trouble:
                raise sheet.error((shelf, i, key), str(trouble), InputError) from None


def _sheet(path: Path, such_as: str) -> Sheet:
    """Return a file of a clinic's own as a sheet; raises `InputError` where it cannot be read."""
    try:
        text = path.read_bytes()
    except OSError as trouble:
        raise InputError(f"{path}: it cannot be read: {trouble.strerror}.") from None
    if len(text) > MAX_BYTES:
        raise InputError(f"{path.name}: it is longer than {MAX_BYTES:,} bytes; a page or two will do.")
    sheet = parse(text, path, InputError)
    if not isinstance(sheet.content, dict):
        raise InputError(f"{path.name}: it is written in 'key: value' lines, as {such_as}.")
    return sheet
