"""Change the product a little, many times over, and see whether the tests notice.

Run by hand: ``python -m tests.mutations --seed 1 --count 40 --sql 20 --workers 2 ledger/``. It
draws so many mutations of Python and so many of SQL. Each is made in a copy of the tree in a
temporary folder, so that the checkout is never touched, and runs the tests of ``suites.py``, with a
time limit. A mutation that no test notices has survived: look at it, and write the test, or find
that it changes nothing that matters. One that the database does not take as SQL is not counted, and
another is drawn.
"""
