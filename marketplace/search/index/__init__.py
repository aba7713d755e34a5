"""The index of listings: data derived from the database, in a folder, for the engine to search.

- ``fields``: what the index has of a listing, and who may see it, as fields of the engine;
- ``documents``: listings of the database as documents;
- ``folder``: the folder: its generations, which one is current, and the lock of whoever writes;
- ``writing``: building a new generation, and keeping the current one up from the outbox;
- ``reading``: the index as a process that answers searches has it open;
- ``checking``: the index compared with the database;
- ``keeping``: what the worker does.

The index is never trusted over the database: it gives numbers of listings, their order and counts,
and what is shown is read from the database under the rule who may see it. Only the worker and
``flask search reindex`` write. An index that is missing, broken, of an older version of the product
or of another database is built anew.
"""
