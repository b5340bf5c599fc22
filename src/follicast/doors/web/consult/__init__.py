"""The consultation's pages: patients, intake, assessment, forecast, plan, follow-up, photographs.

Each page is written by the server and works without scripts; the scripts only spare reloads and draw the scalp.
"""

from follicast.doors.web.consult import assessment, follow_up, forecast, intake, patients, photographs, plan

ROUTERS = [
    patients.router,
    intake.router,
    assessment.router,
    forecast.router,
    plan.router,
    follow_up.router,
    photographs.router,
]
