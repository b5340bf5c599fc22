"""The tables of the clinic's memory. What each row means is for the modules that write it.

Ids are random words, so that an address tells nothing and an id never comes back for someone else. The only
tables that hold facts about a person are those with a `patient_id`, and `patients` itself: what is deleted with
her is read off that column. Migrations make these tables; a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from follicast.records.moment import Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
ID, WORD, HASH = String(24), String(200), String(64)


def _person() -> Column[str]:
    return Column("patient_id", ID, ForeignKey("patients.id"), nullable=False, index=True)


def _by(name: str = "by", nullable: bool = False) -> Column[str]:
    return Column(name, ID, ForeignKey("users.id"), nullable=nullable)


users = Table(
    "users",
    metadata,
    Column("id", ID, primary_key=True),
    Column("login", WORD, nullable=False, unique=True),
    Column("name", WORD, nullable=False),
    Column("role", String(16), nullable=False),
    Column("password", Text),  # the argon2 hash; none for someone who signs in elsewhere, or not at all
    Column("subject", WORD, unique=True),  # who this is to an OpenID Connect provider
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
)
patients = Table(
    "patients",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", WORD, nullable=False),
    Column("number", WORD, nullable=False),
    Column("search", Text, nullable=False),  # name and number as they are compared
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False, index=True),
)
# Every state of every document that can be edited: the intake of a patient, a visit. Rows are never changed.
versions = Table(
    "versions",
    metadata,
    Column("record", ID, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    _person(),
    Column("document", Text, nullable=False),
    Column("at", Moment, nullable=False),
    _by(),
)
visits = Table(
    "visits",
    metadata,
    Column("id", ID, primary_key=True),
    _person(),
    Column("version", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("note", Text),
    Column("struck", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
)
measurements = Table(
    "measurements",
    metadata,
    Column("visit_id", ID, ForeignKey("visits.id"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    _person(),
    Column("kind", String(24), nullable=False),
    Column("value", Float, nullable=False),
    Column("unit", String(16), nullable=False),
    Column("error", Float),
    Column("method", WORD),
    Column("site", WORD),
    Column("area_cm2", Float),
    Column("cutoff_um", Float),
)
photographs = Table(
    "photographs",
    metadata,
    Column("id", ID, primary_key=True),
    _person(),
    Column("visit_id", ID, ForeignKey("visits.id")),
    Column("hash", HASH, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("media", String(32), nullable=False),
    Column("day", Date, nullable=False),
    Column("site", WORD, nullable=False),
    Column("light", WORD),
    Column("note", Text),
    Column("at", Moment, nullable=False),
    _by(),
    UniqueConstraint("patient_id", "hash"),
)
issued = Table(
    "issued",
    metadata,
    Column("id", ID, primary_key=True),
    _person(),
    Column("patient_version", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("document", Text, nullable=False),
    Column("program", String(40), nullable=False),
    Column("evidence_version", HASH, nullable=False),
    Column("seed", BigInteger),
    Column("hash", HASH, nullable=False),
    Column("at", Moment, nullable=False),
    _by(),
    ForeignKeyConstraint(["patient_id", "patient_version"], ["versions.record", "versions.version"]),
)
pages = Table(
    "pages",
    metadata,
    Column("issued_id", ID, ForeignKey("issued.id"), primary_key=True),
    Column("language", String(8), primary_key=True),
    _person(),
    Column("html", Text, nullable=False),
)
consents = Table(
    "consents",
    metadata,
    Column("id", ID, primary_key=True),
    _person(),
    Column("what", WORD, nullable=False),
    Column("text_version", WORD, nullable=False),
    Column("given_at", Moment, nullable=False),
    _by("given_to"),
    Column("withdrawn_at", Moment),
    _by("withdrawn_to", nullable=True),
)
audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("who", ID, nullable=False),
    Column("what", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("record", ID, nullable=False, index=True),
    Column("patient", ID, index=True),
    Column("previous", HASH, nullable=False),
    Column("hash", HASH, nullable=False),
)
# One row: how long the audit trail is and how it ends. Whoever writes holds it, so that writers queue.
chain = Table(
    "chain",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("length", BigInteger, nullable=False),
    Column("hash", HASH, nullable=False),
)
sessions = Table(
    "sessions",
    metadata,
    Column("hash", HASH, primary_key=True),
    Column("user_id", ID, ForeignKey("users.id"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("idle_s", Integer, nullable=False),
    Column("seen_at", Moment, nullable=False),
)
attempts = Table(
    "attempts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("whom", HASH, nullable=False),
    Column("whence", HASH, nullable=False),
    Column("passed", Boolean, nullable=False),
)
tokens = Table(
    "tokens",
    metadata,
    Column("hash", HASH, primary_key=True),
    Column("purpose", String(32), nullable=False),
    Column("user_id", ID, ForeignKey("users.id")),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("used_at", Moment),
)
jobs = Table(
    "jobs",
    metadata,
    Column("id", ID, primary_key=True),
    Column("patient_id", ID, ForeignKey("patients.id"), index=True),
    Column("kind", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("request", Text, nullable=False),
    Column("progress", Float, nullable=False),
    Column("said", WORD, nullable=False),
    Column("result", Text),
    Column("cancel", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("heard_at", Moment, nullable=False),
    Column("ended_at", Moment),
    _by(),
    Index(None, "state", "created_at"),
)

# In the order in which rows can be put in: what is pointed at comes first.
OF_A_PERSON = [
    table for table in metadata.sorted_tables if "patient_id" in table.columns or table is patients
]
