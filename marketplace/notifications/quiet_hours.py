"""Hours in which a person gets no e-mail, by the clock on the wall in Europe/London."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from marketplace.clock import LONDON


def end_of_quiet_hours(now: datetime, begins: time, ends: time) -> datetime | None:
    """Return when the quiet hours end in which ``now`` is; ``None`` outside of them.

    They go over midnight if ``ends`` is before ``begins``. Where the clocks change meanwhile, the
    end is still the time on the wall; a time that comes twice ends them at its first coming that
    is still ahead, and one that does not come at all an hour later by the wall.
    """
    local = now.astimezone(LONDON)
    clock_time = local.time()
    over_midnight = ends < begins
    if over_midnight:
        is_quiet = clock_time >= begins or clock_time < ends
    else:
        is_quiet = begins <= clock_time < ends
    if not is_quiet:
        return None
    day = local.date()
    if over_midnight and clock_time >= begins:
        day += timedelta(days=1)
    end = datetime.combine(day, ends, LONDON).astimezone(UTC)
    if end <= now:
        end = datetime.combine(day, ends.replace(fold=1), LONDON).astimezone(UTC)
    return end
