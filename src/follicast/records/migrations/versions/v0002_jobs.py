"""Long work that survives a reload: what was asked, how far it is, what came of it."""

import sqlalchemy as sa
from alembic import op

from follicast.records.moment import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of jobs."""
    op.create_table(
        "jobs", sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("patient_id", sa.String(24), sa.ForeignKey("patients.id")),
        sa.Column("kind", sa.String(32), nullable=False), sa.Column("state", sa.String(16), nullable=False),
        sa.Column("request", sa.Text, nullable=False), sa.Column("progress", sa.Float, nullable=False),
        sa.Column("said", sa.String(200), nullable=False), sa.Column("result", sa.Text),
        sa.Column("cancel", sa.Boolean, nullable=False), sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("created_at", Moment, nullable=False), sa.Column("heard_at", Moment, nullable=False),
        sa.Column("ended_at", Moment), sa.Column("by", sa.String(24), sa.ForeignKey("users.id"), nullable=False),
    )  # fmt: skip
    op.create_index("ix_jobs_patient_id", "jobs", ["patient_id"])
    op.create_index("ix_jobs_state_created_at", "jobs", ["state", "created_at"])
    if op.get_bind().dialect.name == "postgresql":
        for column in ("request", "result"):
            op.execute(f"ALTER TABLE jobs ALTER COLUMN {column} SET STATISTICS 0")


def downgrade() -> None:
    """Take the jobs away; they are work in hand and nobody's memory."""
    op.drop_table("jobs")
