"""The guide in the package's docstring does what it says."""

from __future__ import annotations

import doctest

import ledger


def test_the_guide_runs() -> None:
    variables: dict[str, object] = {}
    test = doctest.DocTestParser().get_doctest(ledger.__doc__ or "", variables, "guide", None, None)
    result = doctest.DocTestRunner().run(test, clear_globs=False)
    assert (result.attempted > 20, result.failed) == (True, 0)
    test.globs["connection"].close()
    test.globs["engine"].dispose()
