"""Downloads in words: how large, how long, and how far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import url_for

from marketplace import clock
from marketplace.audit.export_runs.models import ExportRun
from marketplace.web.formats import clock_time

FORMS = {"csv": "CSV", "xlsx": "Excel", "hledger": "hledger", "beancount": "Beancount"}
"""The files that there are, in words."""
BYTES_EACH = {"csv": 212, "xlsx": 88, "hledger": 221, "beancount": 222}
"""How large a record is in each of them, about."""
RECORDS_A_SECOND = 4_000
SILENCE = timedelta(minutes=1)
"""After that long without a note a download counts as broken off."""


@dataclass(frozen=True, slots=True)
class ExportPage:
    """One download as its page shows it; ``stage`` is waiting, sending, stopped or sent."""

    run: ExportRun
    stage: str
    sentence: str

    @property
    def label(self) -> str:
        """The form of the file in words."""
        return FORMS[self.run.form]

    @property
    def url(self) -> str:
        """The address of its page."""
        return url_for("audit.export_progress", run_id=self.run.id)

    @property
    def file_url(self) -> str:
        """The address of the file."""
        return url_for("audit.export_file", run_id=self.run.id)

    @property
    def journal_url(self) -> str:
        """The address of the journal with the same filters."""
        return url_for("audit.journal", **self.run.filters)  # type: ignore[arg-type]


def export_page(run: ExportRun) -> ExportPage:
    """Return a download in words."""
    total = _records(run.total)
    if run.finished_at is not None:
        return ExportPage(run, "sent", f"{_records(run.done)} are in the file.")
    if run.begun_at is None or run.progress_at is None:
        return ExportPage(run, "waiting", f"{size_sentence(run.form, run.total)} It begins now.")
    far = f"{run.done:,} of {total}, {run.percent} %."
    if clock.now() - run.progress_at > SILENCE:
        silence = f"Nothing has been heard of it since {clock_time(run.progress_at)}"
        return ExportPage(run, "stopped", f"{silence}, after {far} The file is not whole.")
    return ExportPage(run, "sending", far)


def size_sentence(form: str, records: int) -> str:
    """Return how large such a file is and how long it takes, about."""
    size = records * BYTES_EACH[form]
    large = f"{round(size / 1_000_000):,} MB" if size >= 1_000_000 else "less than 1 MB"
    minutes = round(records / RECORDS_A_SECOND / 60)
    long = "about a minute" if minutes == 1 else f"about {minutes:,} minutes"
    return (
        f"{_records(records)}, {'about ' if size >= 1_000_000 else ''}{large}."
        f" It takes {long if minutes else 'less than a minute'}."
    )


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count:,} records"
