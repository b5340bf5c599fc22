"""No two rules contradict each other, but where that is meant: each such pair is listed with the reason."""

from __future__ import annotations

import tension
from follicast.evidence.library import evidence
from tension import Tension

# Two sources say the same of different groups of therapies that overlap; whoever is concerned reads both.
TWO_SOURCES = {
    Tension("twins", "five-ari-pregnancy", "injection-pregnancy"),
    Tension("twins", "five-ari-pregnancy", "systemic-pregnancy"),
    Tension("twins", "injection-breastfeeding", "systemic-breastfeeding"),
    Tension("twins", "injection-breastfeeding", "topical-minoxidil-breastfeeding"),
    Tension("twins", "injection-pregnancy", "systemic-pregnancy"),
    Tension("twins", "injection-pregnancy", "topical-minoxidil-pregnancy"),
    Tension("twins", "systemic-breastfeeding", "oral-minoxidil-lactation"),
    Tension("twins", "systemic-breastfeeding", "spironolactone-breastfeeding"),
}
# A stricter rule decides; the milder one is told for its own source, or for whoever lifts the stricter one.
STRICTER_DECIDES = {
    Tension("decides nothing beside", "cyproterone-eyes-ears", "cyproterone-brain-signs"),
    Tension("decides nothing beside", "hyaluronic-allergy", "cocktail-allergy"),
    Tension("decides nothing beside", "spironolactone-potassium-found", "spironolactone-potassium"),
    Tension("decides nothing beside", "triamcinolone-under-sixteen", "under-eighteen"),
}
# Advice of a source that we do not follow, shown beside the rule that we follow: a dose for adolescents should a
# specialist choose it; a Japanese grade for bald patches; the American text on spironolactone and breastfeeding.
SHOWN_NOT_FOLLOWED = {
    Tension("told only where it is closed", "oral-minoxidil-dose-boys", "under-eighteen"),
    Tension("told only where it is closed", "oral-minoxidil-dose-girls", "under-eighteen"),
    Tension("told only where it is closed", "prp-areata-grade", "patchy-loss"),
    Tension(
        "told only where it is closed", "spironolactone-breastfeeding-us", "spironolactone-breastfeeding"
    ),
    Tension("told only where it is closed", "spironolactone-breastfeeding-us", "systemic-breastfeeding"),
}
NOBODYS = {Tension("opens for nobody", "flutamide", policy) for policy in ("strictest", "jp", "us", "eu")}


def test_every_tension_between_rules_is_meant() -> None:
    assert set(tension.found()) == TWO_SOURCES | STRICTER_DECIDES | SHOWN_NOT_FOLLOWED | NOBODYS


def test_a_rule_that_contradicts_another_would_be_found() -> None:
    """Of a rule and its denial the finder says that nobody passes both; of a rule and itself, that they are twins."""
    rules = evidence().rules
    asks_for_women = rules["finasteride-women"].model_copy(update={"id": "topical-for-men"})
    denied = asks_for_women.model_copy(update={"id": "x", "when": "!female"})
    rules["topical-for-men"], rules["x"] = asks_for_women, denied
    tension._all_spoken.cache_clear()
    try:
        tension._all_spoken()["topical-for-men"] = tension._all_spoken()["x"] = frozenset({"finasteride"})
        assert list(tension._between(asks_for_women, denied)) == [
            Tension("cannot both let pass", "topical-for-men", "x")
        ]
        assert next(iter(tension._between(asks_for_women, rules["finasteride-women"]))).kind == "twins"
    finally:
        del rules["topical-for-men"], rules["x"]
        tension._all_spoken.cache_clear()
