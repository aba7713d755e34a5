"""A list of values as one parameter is looked up by an index, value by value."""

from __future__ import annotations

import sqlalchemy as sa

from ledger import Book, schema


def test_a_list_finds_its_values_by_the_index(book: Book, connection: sa.Connection) -> None:
    account = schema.account.c
    query = sa.select(account.code).where(schema.is_one_of(account.code, "codes"), account.id > 0)
    everything = [code for (code,) in connection.execute(sa.select(account.code))]
    wanted = [*everything[:2], "nobody"]
    found = connection.execute(query.order_by(account.code), {"codes": wanted})
    assert [code for (code,) in found] == sorted(everything[:2])
    assert connection.execute(query, {"codes": []}).all() == []
    if connection.dialect.name == "sqlite":
        statement = query.compile(connection)
        parameters = dict.fromkeys(statement.params, "[]")
        plan = connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement.string}",
            tuple(parameters[name] for name in statement.positiontup or ()),
        )
        assert "(code=?" in str(plan.all())
