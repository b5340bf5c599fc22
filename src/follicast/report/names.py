"""What a therapy, an arm, a sex, a region is called in front of a reader; ids stay inside the program."""

from __future__ import annotations

from follicast.evidence.library import evidence
from follicast.plan.choice import WATCH
from follicast.regimen import Regimen
from follicast.report.text import Speech, marked

REGIONS = {
    "strictest": "the strictest of Japan, the United States and Europe",
    "jp": "Japan",
    "us": "the United States",
    "eu": "Europe",
}


def therapy_name(therapy_id: str, say: Speech, full: bool = False) -> str:
    """Return what a therapy is called, in short or in full."""
    record = evidence().therapies.get(therapy_id)
    name = therapy_id if record is None else record.name if full else record.short
    return say.told(name) or name


def arm_name(words: str, say: Speech) -> str:
    """Return what an arm is called: its therapies joined, with the options that differ from the usual."""
    if words == WATCH:
        return say.say("wait and watch")
    regimen = Regimen(words)
    if not regimen.parts:
        return say.say("no treatment")
    said = " + ".join(therapy_name(part.therapy, say) + _options(str(part)) for part in regimen.parts)
    return marked(said) if say.direction == "rtl" else said


def _options(part: str) -> str:
    _, _, options = part.partition(":")
    return f" ({options.replace(',', ', ')})" if options else ""
