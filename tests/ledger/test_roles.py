"""A role with the rights of production can do everything a book does, and nothing to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from ledger import Book, NewTransaction, Override, Posting, roles_sql, schema
from tests.databases import PostgresCluster
from tests.ledger.conftest import in_the_past
from tests.ledger.keys import new_key

pytestmark = pytest.mark.postgresql

ROLE = 'clerk "of" the book'
LATER = datetime(2999, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def owner(postgres: PostgresCluster) -> Iterator[sa.Engine]:
    name = ROLE.replace('"', '""')
    with postgres.database() as url:
        engine = sa.create_engine(url)
        postgres.execute(f'CREATE ROLE "{name}"')
        with engine.begin() as connection:
            schema.install(connection)
            connection.exec_driver_sql(roles_sql(ROLE))
        yield engine
        with engine.begin() as connection:
            connection.exec_driver_sql(f'DROP OWNED BY "{name}"')
        engine.dispose()
    postgres.execute(f'DROP ROLE "{name}"')


@contextmanager
def as_clerk(owner: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that works as the role, and is rolled back."""
    name = ROLE.replace('"', '""')
    with owner.connect() as connection:
        connection.exec_driver_sql(f'SET SESSION AUTHORIZATION "{name}"')
        try:
            yield connection
        finally:
            connection.invalidate()  # the session is not one of the owner's any more


def test_every_verb_works(owner: sa.Engine) -> None:
    with as_clerk(owner) as connection:
        book = Book(connection)
        for code in ("a", "b", "c"):
            in_the_past(connection).open_account(code, floor=-600, key=new_key())
        who = {"actor": "Jo", "memo": "for the test"}
        paid = book.transfer("a", "b", 60, key="1")
        book.post([Posting("a", -20), Posting("b", 10), Posting("c", 10)], key="2")
        book.transfer("a", "b", 6, key="late", effective=date(2026, 1, 1))
        book.transfer("a", "b", 6, key="later", effective=date(2026, 1, 1))
        book.post_many(
            [
                NewTransaction(postings=[Posting("b", -1), Posting("c", 1)], key=f"m{i}")
                for i in range(3)
            ]
            + [
                NewTransaction(
                    postings=[Posting("b", -1), Posting("c", 1)],
                    key="1x",
                    effective=date(2026, 1, 1),
                )
            ]
        )
        first = book.hold("a", "c", 50, key="h1")
        book.settle(first.id, 20, key="s1", final=False)
        book.extend(first.id, LATER, key="e1")
        book.settle(first.id, key="s2")
        book.void(book.hold("a", "c", 5, key="h2").id, key="v2")
        book.reverse(paid.id, key="r", override=Override("Jo", "a mistake"))
        book.set_limits("a", floor=-900, ceiling=5000, **who, key=new_key())
        book.freeze("c", **who, key=new_key())
        book.unfreeze("c", **who, key=new_key())
        book.hold("a", "b", 5, key="h3", expires_at=datetime.now(UTC) + timedelta(seconds=1))
        connection.exec_driver_sql("SELECT pg_sleep(1.1)")
        assert book.expire_holds() == 2
        book.close_account("c", rest_to="b", **who, key=new_key())
        assert book.account("c").status == "closed"
        assert book.trial_balance().debit == book.trial_balance().credit
        assert book.statement("a").lines
        assert book.journal().transactions
        assert book.bilateral("a", "b").given
        book.summarise()
        book.close_period(date(2026, 1, 31), actor="Jo", key=new_key())
        assert book.verify().faults == ()
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_role_can_seal_what_is_recorded(owner: sa.Engine) -> None:
    name = ROLE.replace('"', '""')
    with owner.connect() as connection:
        connection.exec_driver_sql(f'SET SESSION AUTHORIZATION "{name}"')
        book = Book(connection)
        for code in ("s1", "s2"):
            book.open_account(code, floor=-600, key=new_key())
        sealed = book.transfer("s1", "s2", 60, key="sealed")
        connection.commit()
        assert book.seal()
        assert book.prove(sealed.id).to_json()
        assert book.verify().faults == ()
        connection.commit()
        connection.invalidate()


def last_column(table: str) -> str:
    return list(schema.metadata.tables[table].columns)[-1].name


RECORDED = sorted(set(schema.metadata.tables) - set(schema.CHANGING))


@pytest.mark.parametrize(
    "statement",
    [
        *(f'UPDATE {name} SET "{last_column(name)}" = NULL' for name in RECORDED),
        *(f"DELETE FROM {name}" for name in RECORDED),
        *(f"TRUNCATE {name} CASCADE" for name in sorted(schema.metadata.tables)),
        *(f"ALTER TABLE {name} DISABLE TRIGGER ALL" for name in sorted(schema.metadata.tables)),
        *(f"DROP TABLE {name} CASCADE" for name in sorted(schema.metadata.tables)),
        "DELETE FROM ledger_balance",
        "DELETE FROM ledger_backdated",
        "DROP TRIGGER ledger_immutable ON ledger_entry",
        "DROP TRIGGER ledger_moves ON ledger_balance",
        "CREATE TRIGGER mine BEFORE INSERT ON ledger_entry EXECUTE FUNCTION ledger_refuse()",
        "ALTER TABLE ledger_entry OWNER TO CURRENT_USER",
        "ALTER TABLE ledger_entry DROP CONSTRAINT ck_ledger_entry_amount",
        "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN NEW; END $$",
        "CREATE FUNCTION ledger_mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$",
        "DROP FUNCTION ledger_refuse CASCADE",
        "SET session_replication_role = replica",
    ],
)  # fmt: skip
def test_the_book_cannot_be_tampered_with(owner: sa.Engine, statement: str) -> None:
    with as_clerk(owner) as connection:
        with pytest.raises(sa.exc.ProgrammingError) as refused:
            connection.exec_driver_sql(statement)
        # 42501, insufficient privilege: it is the right that is missing, not a guard that fires
        assert refused.value.orig.sqlstate == "42501"


def test_a_table_of_the_ledger_gets_no_more_than_reading_and_inserting(owner: sa.Engine) -> None:
    with owner.connect() as connection:
        granted = connection.execute(
            sa.text(
                "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
                " WHERE grantee = :role UNION ALL"
                " SELECT c.relname, g.privilege_type || ' ('"
                " || string_agg(a.attname, ', ' ORDER BY a.attname) || ')'"
                " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid,"
                " aclexplode(a.attacl) g, pg_roles r WHERE r.oid = g.grantee AND r.rolname = :role"
                " GROUP BY c.relname, g.privilege_type"
            ),
            {"role": ROLE},
        ).all()
    rights: dict[str, set[str]] = {}
    for name, right in granted:
        rights.setdefault(name, set()).add(right)
    assert rights == {
        name: {"SELECT", "INSERT", *schema.CHANGING.get(name, ())}
        for name in schema.metadata.tables
    }


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 64])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a name"):
        roles_sql(name)
