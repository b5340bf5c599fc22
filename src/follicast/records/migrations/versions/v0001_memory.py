"""The clinic's memory: people, what was seen and issued, who may see it, and a trail that only grows."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

from follicast.records.moment import Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID, WORD, HASH = sa.String(24), sa.String(200), sa.String(64)
LOCKED = {
    "versions": "what was saved is never changed",
    "issued": "what was issued is never changed",
    "pages": "what was issued is never changed",
}
# What PostgreSQL would otherwise keep samples of, in its own tables of statistics.
NO_SAMPLES = {
    "patients": ("name", "number", "search"),
    "versions": ("document",),
    "visits": ("note",),
    "issued": ("document",),
    "pages": ("html",),
    "photographs": ("note",),
}


def _id(name: str = "id") -> sa.Column[str]:
    return sa.Column(name, ID, primary_key=True)


def _at(name: str, nullable: bool = False) -> sa.Column[dt.datetime]:
    return sa.Column(name, Moment, nullable=nullable)


def _to(name: str, target: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, ID, sa.ForeignKey(target), nullable=nullable)


def _person() -> sa.Column[str]:
    return sa.Column("patient_id", ID, sa.ForeignKey("patients.id"), nullable=False)


def upgrade() -> None:
    """Make the tables, the guards, and the two users that are nobody: the desk and the program itself."""
    _people()
    _seen()
    _issued()
    _trail()
    _doors()
    _indexes()
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()
    _begin()


def _people() -> None:
    op.create_table(
        "users", _id(), sa.Column("login", WORD, nullable=False), sa.Column("name", WORD, nullable=False),
        sa.Column("role", sa.String(16), nullable=False), sa.Column("password", sa.Text),
        sa.Column("subject", WORD), sa.Column("disabled", sa.Boolean, nullable=False),
        _at("created_at"), _at("changed_at"),
        sa.UniqueConstraint("login", name="uq_users_login"), sa.UniqueConstraint("subject", name="uq_users_subject"),
    )  # fmt: skip
    op.create_table(
        "patients", _id(), sa.Column("version", sa.Integer, nullable=False), sa.Column("name", WORD, nullable=False),
        sa.Column("number", WORD, nullable=False), sa.Column("search", sa.Text, nullable=False),
        _at("created_at"), _at("changed_at"),
    )  # fmt: skip
    op.create_table(
        "versions", _id("record"), sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False), _person(), sa.Column("document", sa.Text, nullable=False),
        _at("at"), _to("by", "users.id"),
    )  # fmt: skip


def _seen() -> None:
    op.create_table(
        "visits", _id(), _person(), sa.Column("version", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False), sa.Column("note", sa.Text),
        sa.Column("struck", sa.Boolean, nullable=False), _at("created_at"), _at("changed_at"),
    )  # fmt: skip
    op.create_table(
        "measurements", sa.Column("visit_id", ID, sa.ForeignKey("visits.id"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False), _person(),
        sa.Column("kind", sa.String(24), nullable=False), sa.Column("value", sa.Float, nullable=False),
        sa.Column("unit", sa.String(16), nullable=False), sa.Column("error", sa.Float), sa.Column("method", WORD),
        sa.Column("site", WORD), sa.Column("area_cm2", sa.Float), sa.Column("cutoff_um", sa.Float),
    )  # fmt: skip
    op.create_table(
        "photographs", _id(), _person(), _to("visit_id", "visits.id", nullable=True),
        sa.Column("hash", HASH, nullable=False), sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("media", sa.String(32), nullable=False), sa.Column("day", sa.Date, nullable=False),
        sa.Column("site", WORD, nullable=False), sa.Column("light", WORD), sa.Column("note", sa.Text),
        _at("at"), _to("by", "users.id"),
        sa.UniqueConstraint("patient_id", "hash", name="uq_photographs_patient_id_hash"),
    )  # fmt: skip
    op.create_table(
        "consents", _id(), _person(), sa.Column("what", WORD, nullable=False),
        sa.Column("text_version", WORD, nullable=False), _at("given_at"), _to("given_to", "users.id"),
        _at("withdrawn_at", nullable=True), _to("withdrawn_to", "users.id", nullable=True),
    )  # fmt: skip


def _issued() -> None:
    op.create_table(
        "issued", _id(), _person(), sa.Column("patient_version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False), sa.Column("document", sa.Text, nullable=False),
        sa.Column("program", sa.String(40), nullable=False), sa.Column("evidence_version", HASH, nullable=False),
        sa.Column("seed", sa.BigInteger), sa.Column("hash", HASH, nullable=False), _at("at"), _to("by", "users.id"),
        sa.ForeignKeyConstraint(["patient_id", "patient_version"], ["versions.record", "versions.version"]),
    )  # fmt: skip
    op.create_table(
        "pages", sa.Column("issued_id", ID, sa.ForeignKey("issued.id"), primary_key=True),
        sa.Column("language", sa.String(8), primary_key=True), _person(), sa.Column("html", sa.Text, nullable=False),
    )  # fmt: skip


def _trail() -> None:
    op.create_table(
        "audit", sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False), _at("at"),
        sa.Column("who", ID, nullable=False), sa.Column("what", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False), sa.Column("record", ID, nullable=False),
        sa.Column("patient", ID), sa.Column("previous", HASH, nullable=False), sa.Column("hash", HASH, nullable=False),
    )  # fmt: skip
    op.create_table(
        "chain", sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("length", sa.BigInteger, nullable=False), sa.Column("hash", HASH, nullable=False),
    )  # fmt: skip


def _doors() -> None:
    op.create_table(
        "sessions", sa.Column("hash", HASH, primary_key=True), _to("user_id", "users.id"), _at("created_at"),
        _at("expires_at"), sa.Column("idle_s", sa.Integer, nullable=False), _at("seen_at"),
    )  # fmt: skip
    op.create_table(
        "attempts", _id(), _at("at"), sa.Column("whom", HASH, nullable=False),
        sa.Column("whence", HASH, nullable=False), sa.Column("passed", sa.Boolean, nullable=False),
    )  # fmt: skip
    op.create_table(
        "tokens", sa.Column("hash", HASH, primary_key=True), sa.Column("purpose", sa.String(32), nullable=False),
        _to("user_id", "users.id", nullable=True), _at("created_at"), _at("expires_at"), _at("used_at", nullable=True),
    )  # fmt: skip


def _indexes() -> None:
    for table in ("versions", "visits", "measurements", "photographs", "consents", "issued", "pages"):
        op.create_index(f"ix_{table}_patient_id", table, ["patient_id"])
    for table, column in (
        ("patients", "changed_at"),
        ("audit", "record"),
        ("audit", "patient"),
        ("sessions", "user_id"),
        ("sessions", "expires_at"),
        ("attempts", "at"),
        ("tokens", "expires_at"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])


def _begin() -> None:
    nobody = sa.table("users", *(sa.column(name) for name in ("id", "login", "name", "role", "disabled")),
                      sa.column("created_at", Moment), sa.column("changed_at", Moment))  # fmt: skip
    then = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    op.bulk_insert(nobody, [
        {"id": name, "login": name, "name": name, "role": "admin", "disabled": False,
         "created_at": then, "changed_at": then}
        for name in ("local", "system")
    ])  # fmt: skip
    op.execute(f"INSERT INTO chain (id, length, hash) VALUES (1, 0, '{'0' * 64}')")


def _guard_sqlite() -> None:
    for when in ("UPDATE", "DELETE"):
        _refuse_sqlite("audit", when, "", "the audit trail only grows")
    _refuse_sqlite(
        "audit", "INSERT", "EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)", "the audit trail only grows"
    )
    _refuse_sqlite("chain", "DELETE", "", "the end of the audit trail is never lost")
    _refuse_sqlite("chain", "UPDATE", "NEW.length <= OLD.length", "the audit trail only grows")
    for table, why in LOCKED.items():
        _refuse_sqlite(table, "UPDATE", "", why)
        gone = "SELECT 1 FROM audit WHERE what = 'deleted' AND kind = 'patient' AND record = OLD.patient_id"
        _refuse_sqlite(table, "DELETE", f"NOT EXISTS ({gone})", why)
    for table, key in (("versions", "record = NEW.record AND version = NEW.version"), ("issued", "id = NEW.id"),
                       ("pages", "issued_id = NEW.issued_id AND language = NEW.language")):  # fmt: skip
        _refuse_sqlite(table, "INSERT", f"EXISTS (SELECT 1 FROM {table} WHERE {key})", LOCKED[table])


def _refuse_sqlite(table: str, when: str, condition: str, why: str) -> None:
    asked = f"WHEN {condition} " if condition else ""
    op.execute(f"CREATE TRIGGER {table}_{when.lower()} BEFORE {when} ON {table} {asked}"
               f"BEGIN SELECT RAISE(ABORT, '{why}'); END")  # fmt: skip


def _guard_postgresql() -> None:
    op.execute("CREATE FUNCTION follicast_refuse() RETURNS trigger LANGUAGE plpgsql AS "
               "$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$")  # fmt: skip
    op.execute("CREATE FUNCTION follicast_erased() RETURNS trigger LANGUAGE plpgsql AS "
               "$$ BEGIN IF NOT EXISTS (SELECT 1 FROM audit WHERE what = 'deleted' AND kind = 'patient' "
               "AND record = OLD.patient_id) "
               "THEN RAISE EXCEPTION '%', TG_ARGV[0]; END IF; RETURN OLD; END $$")  # fmt: skip
    grows = "the audit trail only grows"
    _refuse_postgresql("audit", "UPDATE OR DELETE", grows)
    _refuse_postgresql("chain", "DELETE", grows)
    op.execute("CREATE TRIGGER chain_grows BEFORE UPDATE ON chain FOR EACH ROW WHEN (NEW.length <= OLD.length) "
               f"EXECUTE FUNCTION follicast_refuse('{grows}')")  # fmt: skip
    for table, why in LOCKED.items():
        _refuse_postgresql(table, "UPDATE", why)
        op.execute(f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} FOR EACH ROW "
                   f"EXECUTE FUNCTION follicast_erased('{why}')")  # fmt: skip
    for table, why in {"audit": grows, "chain": grows, **LOCKED}.items():
        op.execute(f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
                   f"EXECUTE FUNCTION follicast_refuse('{why}')")  # fmt: skip
    for table, columns in NO_SAMPLES.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")


def _refuse_postgresql(table: str, when: str, why: str) -> None:
    op.execute(f"CREATE TRIGGER {table}_{when.lower().replace(' ', '_')} BEFORE {when} ON {table} FOR EACH ROW "
               f"EXECUTE FUNCTION follicast_refuse('{why}')")  # fmt: skip


def downgrade() -> None:
    """Take everything away."""
    for table in ("tokens", "attempts", "sessions", "chain", "audit", "pages", "issued", "consents", "photographs",
                  "measurements", "visits", "versions", "patients", "users"):  # fmt: skip
        if op.get_bind().dialect.name != "postgresql":
            for name in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER IF EXISTS {table}_{name}")
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION follicast_refuse")
        op.execute("DROP FUNCTION follicast_erased")
