"""Each derived number that has a script in `derivations/` is the number the script prints."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from follicast.evidence.library import evidence
from follicast.trials.study_files import _INCH_CIRCLE_CM2

SCRIPTS = sorted((Path(__file__).resolve().parents[1] / "derivations").glob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_a_script_prints_the_number_it_stands_for(script):
    said = float(subprocess.run([sys.executable, script], capture_output=True, text=True, check=True).stdout)
    named = re.match(r'"""(\w+\.\w+):', script.read_text())
    held = float(evidence().numbers[named[1]]) if named else _INCH_CIRCLE_CM2
    assert said == pytest.approx(held)
