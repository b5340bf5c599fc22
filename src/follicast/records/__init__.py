"""The clinic's memory: patients, visits, photographs, what was issued, who may see it, and a trail of who did what.

    with Records.open("sqlite:///clinic.db") as records:
        chart = records.patients.add(patient, name="Hoa", by=user)
        records.visits.add(chart.id, day, [measured("terminal_density", 148, error=9, site="midscalp")], by=user)
        records.plans.issue(chart.id, plan.as_json(), patient_version=chart.version, pages={"vi": html}, by=user)

What is acknowledged is on the disk. Nobody overwrites what he has not seen. No message and no line of the audit
trail holds a
fact about a patient.
"""

from follicast.records.issued import Issued as Issued
from follicast.records.jobs import Job as Job
from follicast.records.patients import Chart as Chart
from follicast.records.permission import LOCAL as LOCAL
from follicast.records.permission import SYSTEM as SYSTEM
from follicast.records.permission import User as User
from follicast.records.photographs import Photograph as Photograph
from follicast.records.store import Records as Records
from follicast.records.versioned import Conflict as Conflict
from follicast.records.visits import Measurement as Measurement
from follicast.records.visits import Visit as Visit
from follicast.records.visits import measured as measured
