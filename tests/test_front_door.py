"""The front door: a dozen names, cheap to open, and verbs that stay verbs."""

import subprocess
import sys

import pytest

import follicast as fc


def apart(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_opening_it_imports_nothing_heavy():
    heavy = "{'numpy', 'numba', 'pydantic', 'yaml', 'typer', 'rich', 'altair', 'cel'}"
    assert apart(f"import sys, follicast\nprint({heavy} & set(sys.modules))") == "set()"


def test_every_public_name_is_there():
    for name in fc.__all__:
        assert getattr(fc, name) is not None and name in dir(fc)
    assert len(fc.__all__) <= 14


def test_the_verbs_stay_verbs_whatever_was_imported_first():
    code = """
import follicast.today, follicast.forecast, follicast.report, follicast as fc
from follicast import today, forecast, report
assert all(callable(verb) for verb in (fc.today, fc.forecast, fc.report, today, forecast, report))
from follicast.today import today as again
from follicast.forecast import Forecast
assert again is fc.today and Forecast.__name__ == 'Forecast'
import sys
assert sys.modules['follicast.today'].__name__ == 'follicast.today'
print('ok')"""
    assert apart(code) == "ok"


def test_an_unknown_name_is_refused_with_those_that_are_known():
    with pytest.raises(AttributeError, match="Patient"):
        fc.forcast


def test_the_walk_reads_as_a_sentence():
    patient = fc.Patient.parse("age: 47\nsex: F\n")
    assert fc.assess(patient).of("prp").status in ("open", "waiting", "closed")
    assert str(fc.NO_TREATMENT) == "none" and fc.Regimen("prp").therapies == ["prp"]
