"""Which files the evidence consists of, and what each kind may hold: the one table of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from follicast.evidence.check import Check
from follicast.evidence.checklist import Checklist
from follicast.evidence.claim import ClaimPage
from follicast.evidence.code import Coded, CodeSystem
from follicast.evidence.condition import Condition
from follicast.evidence.conflict import Conflict
from follicast.evidence.guideline import Grade
from follicast.evidence.harm import Harm
from follicast.evidence.intake import Drug, Fact, LabTest, Term
from follicast.evidence.number import Number, Text
from follicast.evidence.parameter import Parameter
from follicast.evidence.price import PriceList
from follicast.evidence.reference import Reference
from follicast.evidence.rule import RedFlag, Rule
from follicast.evidence.scale import Scale
from follicast.evidence.study import Study
from follicast.evidence.therapy import Therapy
from follicast.evidence.use import Use
from follicast.evidence.window import Window


@dataclass(frozen=True)
class FileKind:
    """One kind of file: where it lies in the folder `evidence`, and the shape of what it holds."""

    where: str
    shape: Any


FILES: dict[str, FileKind] = {
    "reference": FileKind("references/*.yaml", dict[str, Reference]),
    "number": FileKind("numbers/*.yaml", dict[str, Number]),
    "parameter": FileKind("parameters.yaml", dict[str, Parameter]),
    "therapy": FileKind("therapies/*.yaml", Therapy),
    "condition": FileKind("conditions/*.yaml", Condition),
    "study": FileKind("studies/*.yaml", Study),
    "rule": FileKind("rules/*.yaml", dict[str, Rule]),
    "red-flag": FileKind("red-flags.yaml", dict[str, RedFlag]),
    "harm": FileKind("harms/*.yaml", dict[str, list[Harm]]),
    "price": FileKind("prices/*.yaml", PriceList),
    "window": FileKind("windows.yaml", dict[str, Window]),
    "claim": FileKind("claims/*.yaml", ClaimPage),
    "check": FileKind("checks.yaml", dict[str, Check]),
    "conflict": FileKind("conflicts.yaml", dict[str, Conflict]),
    "grade": FileKind("guidelines.yaml", dict[str, Grade]),
    "scale": FileKind("scales.yaml", dict[str, Scale]),
    "checklist": FileKind("checklists/*.yaml", Checklist),
    "text": FileKind("texts.yaml", dict[str, Text]),
    "use": FileKind("skin-uses.yaml", dict[str, Use]),
    "drug": FileKind("drugs.yaml", dict[str, Drug]),
    "lab": FileKind("labs.yaml", dict[str, LabTest]),
    "term": FileKind("terms.yaml", dict[str, Term]),
    "fact": FileKind("facts.yaml", dict[str, Fact]),
    "code": FileKind("codes/*.yaml", dict[str, Coded]),
    "code-system": FileKind("code-systems.yaml", dict[str, CodeSystem]),
}


def files_of(kind: str, folder: Path) -> list[Path]:
    """Return the files of one kind, sorted."""
    return sorted(folder.glob(FILES[kind].where))


def schema_of(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a file of one kind, after its `defaults` have been spread.

    A file may bring its own works under `references`, which the schema lets in beside what it holds.
    """
    schema = TypeAdapter(FILES[kind].shape).json_schema()
    works = TypeAdapter(dict[str, Reference]).json_schema()
    schema.setdefault("$defs", {}).update(works.pop("$defs", {}))
    schema.setdefault("properties", {})["references"] = works
    return schema
