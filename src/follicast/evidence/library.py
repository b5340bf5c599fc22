"""All that is known, read once and lazily: each shelf is opened when it is first asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

from follicast.errors import InputError, did_you_mean
from follicast.evidence.check import Check
from follicast.evidence.checklist import Checklist
from follicast.evidence.claim import Claim, ClaimPage
from follicast.evidence.code import Coded, CodeSystem
from follicast.evidence.condition import Condition
from follicast.evidence.conflict import Conflict
from follicast.evidence.files import FILES, files_of
from follicast.evidence.guideline import Grade
from follicast.evidence.harm import Harm
from follicast.evidence.intake import Drug, Fact, LabTest, Term
from follicast.evidence.kept import kept, state
from follicast.evidence.number import Number, Text
from follicast.evidence.parameter import Parameter
from follicast.evidence.posterior import Posterior
from follicast.evidence.price import PriceList
from follicast.evidence.reader import Sheet, build, read
from follicast.evidence.reference import Reference
from follicast.evidence.rule import RedFlag, Rule
from follicast.evidence.scale import Scale
from follicast.evidence.study import Study
from follicast.evidence.therapy import Therapy
from follicast.evidence.use import Use
from follicast.evidence.verdict import Verdicts
from follicast.evidence.window import Window

Model = TypeVar("Model")
Held = TypeVar("Held")
HERE = Path(__file__).parent
_CALIBRATION_READS = {
    "anchors", "cohorts", "diameter", "hair_cycle", "hormones", "people", "pharmacology", "severity", "sites"
}  # fmt: skip


def shelf(make: Callable[[Any], Held]) -> cached_property[Held]:
    """Mark a property as a shelf: opened when first asked for, and kept between runs if it is our own."""

    def opened(library: Library) -> Held:
        if library.folder != HERE:
            return make(library)
        return kept(library.state, make.__name__, lambda: make(library), library.unchanged)

    opened.__doc__ = make.__doc__
    return cached_property(opened)


class Library:
    """The evidence in one folder; every shelf refuses a file that breaks the laws of evidence."""

    def __init__(self, folder: Path = HERE) -> None:
        self.folder = folder

    @shelf
    def units(self) -> dict[str, str]:
        """UCUM code to the way it is shown."""
        return dict(read(self.folder / "units.yaml").content["units"])

    @shelf
    def references(self) -> dict[str, Reference]:
        """Citekey to work: the common ones, and those that a file brings with it under `references:`."""
        found: dict[str, Reference] = {}
        for path in files_of("reference", self.folder):
            sheet = read(path)
            _once_only(found, build(sheet, dict[str, Reference]), sheet)
        for path in self._files_that_bring_works():
            sheet = read(path)
            _once_only(found, build(sheet, dict[str, Reference], sheet.works), sheet)
        return found

    def _files_that_bring_works(self) -> Iterator[Path]:
        """Find `references:` at the head of a line without parsing every file."""
        for path in sorted(self.folder.glob("*/*.yaml")):
            if path.parent.name != "references" and b"\nreferences:" in b"\n" + path.read_bytes():
                yield path

    @shelf
    def numbers(self) -> dict[str, Number]:
        """The numbers of nature and of the model, under "<file>.<name>"."""
        found: dict[str, Number] = {}
        for sheet, entries in self._opened("number"):
            found |= {f"{sheet.path.stem}.{name}": number for name, number in entries.items()}
        return found

    @shelf
    def parameters(self) -> dict[str, Parameter]:
        """The parameters of the model with their priors, by name, in the order of the file."""
        return self._whole("parameter")

    @cached_property
    def posterior(self) -> Posterior:
        """What calibration found."""
        return Posterior(self.folder / "posterior", list(self.parameters))

    @shelf
    def therapies(self) -> dict[str, Therapy]:
        """Therapies by id."""
        return self._one_a_file("therapy")

    @shelf
    def conditions(self) -> dict[str, Condition]:
        """Kinds of hair loss by id."""
        return self._one_a_file("condition")

    @shelf
    def studies(self) -> dict[str, Study]:
        """Published studies by id."""
        return self._one_a_file("study")

    @shelf
    def rules(self) -> dict[str, Rule]:
        """Safety rules by id."""
        return self._many_a_file("rule")

    @shelf
    def red_flags(self) -> dict[str, RedFlag]:
        """Signs that always refer, by id."""
        return self._named("red-flag")

    @shelf
    def harms(self) -> list[Harm]:
        """Adverse effects as counted."""
        found: list[Harm] = []
        for _, entries in self._opened("harm"):
            found += entries["harms"]
        return found

    @shelf
    def price_lists(self) -> dict[str, PriceList]:
        """Price lists by id."""
        return self._one_a_file("price")

    @shelf
    def windows(self) -> dict[str, Window]:
        """What must not lie close to what, by id."""
        return self._named("window")

    @shelf
    def drugs(self) -> dict[str, Drug]:
        """Drugs that a patient may take, by generic name."""
        return self._whole("drug")

    @shelf
    def labs(self) -> dict[str, LabTest]:
        """Laboratory tests by id."""
        return self._whole("lab")

    @shelf
    def terms(self) -> dict[str, Term]:
        """Words of the intake (conditions, signs, symptoms, triggers, allergies) by id."""
        return self._whole("term")

    @shelf
    def facts(self) -> dict[str, Fact]:
        """The facts that a rule may ask for."""
        return self._whole("fact")

    @cached_property
    def claims(self) -> dict[str, Claim]:
        """The claims of the source pages by id."""
        found: dict[str, Claim] = {}
        for page in self._pages:
            found |= page.claims
        return found

    @cached_property
    def claimed_on(self) -> dict[str, str]:
        """Claim id to the citekey of the page that makes it."""
        return {name: page.page for page in self._pages for name in page.claims}

    @shelf
    def _pages(self) -> list[ClaimPage]:
        return [page for _, page in self._opened("claim")]

    @shelf
    def checks(self) -> dict[str, Check]:
        """What the model is asked about the claims, by id."""
        return self._named("check")

    @shelf
    def verdicts(self) -> Verdicts:
        """What virtual people said to the claims when they were last asked."""
        return build(read(self.folder / "verdicts.yaml"), Verdicts)

    @shelf
    def conflicts(self) -> dict[str, Conflict]:
        """Where sources disagree, by id."""
        return self._named("conflict")

    @shelf
    def grades(self) -> dict[str, Grade]:
        """Grades of guidelines by id."""
        return self._named("grade")

    @shelf
    def scales(self) -> dict[str, Scale]:
        """Scales by id."""
        return self._named("scale")

    @shelf
    def checklists(self) -> dict[str, Checklist]:
        """Lists to go through, by id."""
        return self._one_a_file("checklist")

    @shelf
    def texts(self) -> dict[str, Text]:
        """What every plan or page says in general, by id."""
        return self._whole("text")

    @shelf
    def uses(self) -> dict[str, Use]:
        """What injections into the skin are used or praised for, by id."""
        return self._named("use")

    @shelf
    def code_systems(self) -> dict[str, CodeSystem]:
        """Systems of standard codes and their licences, by id."""
        return self._whole("code-system")

    @shelf
    def codes(self) -> dict[str, Coded]:
        """Standard codes under "<kind>:<id of ours>"."""
        found: dict[str, Coded] = {}
        for _, entries in self._opened("code"):
            found |= {f"{coded.kind}:{name}": coded for name, coded in entries.items()}
        return found

    @cached_property
    def shelves(self) -> dict[str, Mapping[str, Any]]:
        """Every shelf whose entries have ids, by the word under which links and commands ask for it."""
        return {
            "reference": self.references, "therapy": self.therapies, "condition": self.conditions,
            "study": self.studies, "rule": self.rules, "red-flag": self.red_flags, "claim": self.claims,
            "check": self.checks, "conflict": self.conflicts, "grade": self.grades, "scale": self.scales,
            "checklist": self.checklists, "text": self.texts, "use": self.uses, "number": self.numbers,
            "parameter": self.parameters, "price": self.price_lists, "harm": self.harms_by_therapy,
            "window": self.windows,
            "drug": self.drugs, "lab": self.labs, "term": self.terms, "fact": self.facts,
            "code": self.codes, "code-system": self.code_systems,
        }  # fmt: skip

    @cached_property
    def harms_by_therapy(self) -> dict[str, list[Harm]]:
        """Adverse effects under the therapy that they were counted in."""
        found: dict[str, list[Harm]] = {}
        for harm in self.harms:
            found.setdefault(harm.therapy, []).append(harm)
        return found

    @cached_property
    def version(self) -> str:
        """A hash [12 hex digits] of every file that holds evidence."""
        return self._digest.hex()[:12]

    @cached_property
    def state(self) -> str:
        """A hash [24 hex digits] of every file that holds evidence and of what reads them."""
        return state(self._digest)

    def unchanged(self) -> bool:
        """Whether the files are still those that this library began with."""
        return Library(self.folder).state == self.state

    @cached_property
    def _digest(self) -> bytes:
        digest = hashlib.sha256()
        for path in sorted(p for p in self.folder.rglob("*") if p.suffix in (".yaml", ".csv")):
            digest.update(path.relative_to(self.folder).as_posix().encode())
            digest.update(path.read_bytes())
        return digest.digest()

    def fingerprint(self) -> str:
        """Return a hash [12 hex digits] of all that calibration leans on: counts, priors, cycle, actions.

        A study that calibrates nothing, or a therapy without an action, does not move it.
        """
        leans = [
            *(_leaned_on(study) for study in self.studies.values() if study.calibrating),
            *((name, p.value, p.scale, p.prior_sd) for name, p in self.parameters.items()),
            *((name, n.value, n.spread) for name, n in self.numbers.items() if _calibration_reads(name)),
            *((t.id, t.actions, t.dose, t.course) for t in self.therapies.values() if t.actions),
        ]
        return hashlib.sha256("\n".join(map(repr, leans)).encode()).hexdigest()[:12]

    @cached_property
    def fitted(self) -> bool:
        """Whether the posterior was fitted to the evidence as it stands."""
        return self.posterior.recipe["fitted_to"] == self.fingerprint()

    def therapy(self, therapy_id: str) -> Therapy:
        """Return a therapy, or say which name comes close."""
        return find(self.therapies, therapy_id, "therapy", "follicast therapies")

    def _opened(self, kind: str) -> Iterator[tuple[Sheet, Any]]:
        """Read every file of a kind and build what it holds."""
        context = {"sources": self.references.keys(), "units": self.units.keys()}
        for path in files_of(kind, self.folder):
            sheet = read(path)
            yield sheet, build(sheet, FILES[kind].shape, context=context)

    def _whole(self, kind: str) -> Any:
        """Return what the one file of a kind holds."""
        ((_, held),) = self._opened(kind)
        return held

    def _named(self, kind: str) -> dict[str, Any]:
        return {name: entry.model_copy(update={"id": name}) for name, entry in self._whole(kind).items()}

    def _one_a_file(self, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for sheet, entry in self._opened(kind):
            if entry.id != sheet.path.stem:
                raise sheet.error(("id",), f"the id must be the file's name, '{sheet.path.stem}'.")
            found[entry.id] = entry
        return found

    def _many_a_file(self, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for sheet, entries in self._opened(kind):
            for name, entry in entries.items():
                if name in found:
                    raise sheet.error((name,), f"'{name}' stands in two files; each id is held once.")
                found[name] = entry.model_copy(update={"id": name})
        return found


def _once_only(found: dict[str, Reference], works: dict[str, Reference], sheet: Sheet) -> None:
    for key, work in works.items():
        if key in found:
            raise sheet.error((key,), f"the work '{key}' stands in two files; each work is held once.")
        found[key] = work


def _calibration_reads(number: str) -> bool:
    return number.split(".")[0] in _CALIBRATION_READS


def _leaned_on(study: Study) -> tuple[Any, ...]:
    """Return what calibration sees of a study: whose scalp, how it was counted, and what changed by how much."""
    arms = [(arm.name, arm.regimen, arm.control, arm.n, arm.n_assumed) for arm in study.arms]
    results = [
        (r.arm, r.minus, r.week, r.endpoint, r.change, r.unit, r.spread, r.baseline)
        for r in study.calibrating
    ]
    whose = (study.id, study.sex, study.menopause, study.area_cm2, study.cutoff_um, study.photographs,
             study.age, study.age_low, study.age_high, study.site)  # fmt: skip
    return (*whose, study.offset, study.risk_of_bias, arms, results)


@cache
def evidence() -> Library:
    """Return the evidence that ships with Follicast."""
    return Library()


def find(shelf: Mapping[str, Model], name: str, noun: str, command: str) -> Model:
    """Return `shelf[name]`, or raise an `InputError` that names the closest entry and the command listing all."""
    if name in shelf:
        return shelf[name]
    raise InputError(f"no {noun} is called '{name}'.{did_you_mean(name, shelf)} All names: {command}")
