"""All that is known, read once and lazily: each shelf is opened when it is first asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

from follicast.errors import InputError, did_you_mean
from follicast.evidence.condition import Condition
from follicast.evidence.harm import Harm
from follicast.evidence.intake import Drug, Fact, LabTest, Term
from follicast.evidence.number import Number
from follicast.evidence.parameter import Parameter
from follicast.evidence.posterior import Posterior
from follicast.evidence.price import PriceList
from follicast.evidence.reader import Sheet, build, read
from follicast.evidence.reference import Reference
from follicast.evidence.rule import RedFlag, Rule
from follicast.evidence.study import Study
from follicast.evidence.therapy import Therapy

Model = TypeVar("Model")
HERE = Path(__file__).parent
_CALIBRATION_READS = {"cohorts", "diameter", "hair_cycle", "hormones", "people"}


class Library:
    """The evidence in one folder; every shelf refuses a file that breaks the laws of evidence."""

    def __init__(self, folder: Path = HERE) -> None:
        self.folder = folder

    @cached_property
    def units(self) -> dict[str, str]:
        """UCUM code to the way it is shown."""
        return dict(read(self.folder / "units.yaml").content["units"])

    @cached_property
    def references(self) -> dict[str, Reference]:
        """Citekey to work."""
        sheet = read(self.folder / "references.yaml")
        return build(sheet, dict[str, Reference])

    @cached_property
    def numbers(self) -> dict[str, Number]:
        """The numbers of nature and of the model, under "<file>.<name>"."""
        found: dict[str, Number] = {}
        for path in sorted((self.folder / "numbers").glob("*.yaml")):
            for name, number in self._build(read(path), dict[str, Number]).items():
                found[f"{path.stem}.{name}"] = number
        return found

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """The parameters of the model with their priors, by name, in the order of the file."""
        return self._build(read(self.folder / "parameters.yaml"), dict[str, Parameter])

    @cached_property
    def posterior(self) -> Posterior:
        """What calibration found."""
        return Posterior(self.folder / "posterior", list(self.parameters))

    @cached_property
    def therapies(self) -> dict[str, Therapy]:
        """Therapies by id."""
        return self._one_a_file("therapies", Therapy)

    @cached_property
    def conditions(self) -> dict[str, Condition]:
        """Kinds of hair loss by id."""
        return self._one_a_file("conditions", Condition)

    @cached_property
    def studies(self) -> dict[str, Study]:
        """Published studies by id."""
        return self._one_a_file("studies", Study)

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """Safety rules by id."""
        return self._many_a_file("rules", Rule)

    @cached_property
    def red_flags(self) -> dict[str, RedFlag]:
        """Signs that always refer, by id."""
        found = self._build(read(self.folder / "red-flags.yaml"), dict[str, RedFlag])
        return {name: flag.model_copy(update={"id": name}) for name, flag in found.items()}

    @cached_property
    def harms(self) -> list[Harm]:
        """Adverse effects as counted."""
        found: list[Harm] = []
        for path in sorted((self.folder / "harms").glob("*.yaml")):
            sheet = read(path)
            found += self._build(sheet, dict[str, list[Harm]])["harms"]
        return found

    @cached_property
    def price_lists(self) -> dict[str, PriceList]:
        """Price lists by id."""
        return self._one_a_file("prices", PriceList)

    @cached_property
    def drugs(self) -> dict[str, Drug]:
        """Drugs that a patient may take, by generic name."""
        return self._build(read(self.folder / "drugs.yaml"), dict[str, Drug])

    @cached_property
    def labs(self) -> dict[str, LabTest]:
        """Laboratory tests by id."""
        return self._build(read(self.folder / "labs.yaml"), dict[str, LabTest])

    @cached_property
    def terms(self) -> dict[str, Term]:
        """Words of the intake (conditions, signs, symptoms, triggers, allergies) by id."""
        return self._build(read(self.folder / "terms.yaml"), dict[str, Term])

    @cached_property
    def facts(self) -> dict[str, Fact]:
        """The facts that a rule may ask for."""
        return self._build(read(self.folder / "facts.yaml"), dict[str, Fact])

    @cached_property
    def version(self) -> str:
        """A hash [12 hex digits] of every file that holds evidence."""
        digest = hashlib.sha256()
        for path in sorted(p for p in self.folder.rglob("*") if p.suffix in (".yaml", ".csv")):
            digest.update(path.relative_to(self.folder).as_posix().encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()[:12]

    def fingerprint(self) -> str:
        """Return a hash [12 hex digits] of all that calibration leans on: counts, priors, cycle, actions."""
        digest = hashlib.sha256()
        for study in self.studies.values():
            digest.update(
                repr(
                    (
                        study.id,
                        study.sex,
                        study.menopause,
                        study.area_cm2,
                        study.cutoff_um,
                        study.offset,
                        study.risk_of_bias,
                        study.arms,
                        study.results,
                    )
                ).encode()
            )
        for name, parameter in self.parameters.items():
            digest.update(repr((name, parameter.value, parameter.scale, parameter.prior_sd)).encode())
        for name, number in self.numbers.items():
            if name.split(".")[0] in _CALIBRATION_READS:
                digest.update(repr((name, number.value, number.spread)).encode())
        for therapy in self.therapies.values():
            digest.update(repr((therapy.id, therapy.actions, therapy.dose, therapy.course)).encode())
        return digest.hexdigest()[:12]

    def therapy(self, therapy_id: str) -> Therapy:
        """Return a therapy, or say which name comes close."""
        return find(self.therapies, therapy_id, "therapy", "follicast therapies")

    def _build(self, sheet: Sheet, shape: type[Model]) -> Model:
        context = {"sources": self.references.keys(), "units": self.units.keys()}
        return build(sheet, shape, context=context)

    def _one_a_file(self, folder: str, shape: type[Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for sheet in self._sheets(folder):
            entry = self._build(sheet, shape)
            if entry.id != sheet.path.stem:
                raise sheet.error(("id",), f"the id must be the file's name, '{sheet.path.stem}'.")
            found[entry.id] = entry
        return found

    def _many_a_file(self, folder: str, shape: type[Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for sheet in self._sheets(folder):
            entries: dict[str, Any] = self._build(sheet, dict[str, shape])  # type: ignore[valid-type]
            for name, entry in entries.items():
                if name in found:
                    raise sheet.error((name,), f"'{name}' stands in two files; each id is held once.")
                found[name] = entry.model_copy(update={"id": name})
        return found

    def _sheets(self, folder: str) -> Iterator[Sheet]:
        return (read(path) for path in sorted((self.folder / folder).glob("*.yaml")))


@cache
def evidence() -> Library:
    """Return the evidence that ships with Follicast."""
    return Library()


def find(shelf: Mapping[str, Model], name: str, noun: str, command: str) -> Model:
    """Return `shelf[name]`, or raise an `InputError` that names the closest entry and the command listing all."""
    if name in shelf:
        return shelf[name]
    raise InputError(f"no {noun} is called '{name}'.{did_you_mean(name, shelf)} All names: {command}")
