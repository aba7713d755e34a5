"""The role that an application works as on PostgreSQL: it may add to the book, not change it.

Who owns a table may switch its guards off. So the owner installs and upgrades, and the
application works as another role, which can read and insert. Only the tables in
`ledger.schema.CHANGING` are
working state that the verbs update; every other table of the ledger, also one added later, is
for reading and inserting alone.
"""

from __future__ import annotations

from ledger import schema


def roles_sql(role: str, *, owner_schema: str = "public") -> str:
    """The SQL that the tables' owner runs to give a role (made before) its rights in the book.

    It takes away first what the role had on the ledger's tables, and can be run again after an
    upgrade. Numbers are identity columns, which need no right on a sequence.

    Raises:
        ValueError: the name cannot be that of a role.
    """
    who, where = quoted(role), quoted(owner_schema)
    lines = [
        f"REVOKE CREATE ON SCHEMA {where} FROM PUBLIC, {who};",
        f"GRANT USAGE ON SCHEMA {where} TO {who};",
    ]
    for name in sorted(schema.metadata.tables):
        table = f"{where}.{quoted(name)}"
        rights = ", ".join(("SELECT", "INSERT", *schema.CHANGING.get(name, ())))
        lines += [
            f"REVOKE ALL ON {table} FROM PUBLIC, {who};",
            f"GRANT {rights} ON {table} TO {who};",
        ]
    lines.append(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {where} TO {who};")
    return "\n".join(lines) + "\n"


def quoted(name: str) -> str:
    """A name as an identifier of SQL."""
    if not name or "\0" in name or len(name.encode()) > 63:
        raise ValueError(f"{name!r} cannot be a name in PostgreSQL")
    return '"' + name.replace('"', '""') + '"'
