"""The index: what is in it, how it follows the database, and what becomes of a broken one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import tantivy
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.listings.details import Details
from marketplace.listings.service import change_listing, withdraw_listing
from marketplace.outbox.worker import Worker, worker_idle
from marketplace.search.index.checking import compare
from marketplace.search.index.documents import open_listings
from marketplace.search.index.fields import schema
from marketplace.search.index.folder import (
    CURRENT,
    STATE,
    IndexBusyError,
    IndexMissingError,
    current,
    writing,
)
from marketplace.search.index.keeping import NAME, folder_of, keep_up
from marketplace.search.index.reading import Reader
from marketplace.search.index.writing import catch_up, rebuild
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import draft, posted
from tests.marketplace.network.factories import joined_school


@pytest.fixture
def session(app: Skillbank) -> Iterator[Session]:
    with saved(app) as session:
        yield session


@pytest.fixture
def owner(session: Session) -> Actor:
    return actor_for(joined_school())


def found(session: Session, folder: Path, word: str, reader: Reader | None = None) -> list[int]:
    """The numbers of the listings whose title has ``word``."""
    searcher = (reader or Reader()).snapshot(session, folder).searcher
    hits = searcher.search(tantivy.Query.term_query(schema(), "title", word)).hits
    return sorted(searcher.fast_field_values("id", [address for _score, address in hits]))


def test_the_index_has_the_kind_of_help_and_when_it_can_be_given(
    session: Session, owner: Actor, tmp_path: Path
) -> None:
    coaching = posted(owner, details=Details(format="coaching", half_terms=("2026-2", "2026-3")))
    whenever = posted(owner)
    rebuild(session, tmp_path)
    searcher = Reader().snapshot(session, tmp_path).searcher
    for name, value, listing in (
        ("format", "coaching", coaching),
        ("free", "2026-3", coaching),
        ("free", "any", whenever),
    ):
        hits = searcher.search(tantivy.Query.term_query(schema(), name, value)).hits
        numbers = searcher.fast_field_values("id", [address for _score, address in hits])
        assert list(numbers) == [listing.id], (name, value)


def test_the_index_has_the_open_listings_and_follows_the_events(
    session: Session, owner: Actor, tmp_path: Path
) -> None:
    first = posted(owner, title="Piano")
    gone = posted(owner, title="Piano for two")
    withdraw_listing(session, owner, gone)
    assert rebuild(session, tmp_path) == 1
    reader = Reader()
    assert found(session, tmp_path, "piano", reader) == [first.id]
    change_listing(session, owner, first, draft(title="Violin"), version=1)
    later = posted(owner, title="Piano again")
    assert catch_up(session, tmp_path) == 2
    assert found(session, tmp_path, "piano", reader) == [later.id]
    withdraw_listing(session, owner, later)
    catch_up(session, tmp_path)
    assert found(session, tmp_path, "piano", reader) == []
    assert catch_up(session, tmp_path) == 0
    assert compare(session, tmp_path).all == []


def test_one_token_stands_for_every_spelling(
    session: Session, owner: Actor, tmp_path: Path
) -> None:
    listings = [posted(owner, title=title) for title in ("P.E.", "PE day", "Physical education")]
    rebuild(session, tmp_path)
    assert found(session, tmp_path, "~pe") == [listing.id for listing in listings]


def test_what_differs_from_the_database_is_named_and_mended(
    session: Session, owner: Actor, tmp_path: Path
) -> None:
    listing = posted(owner)
    other = posted(owner)
    rebuild(session, tmp_path)
    listing.title = "Changed by hand"
    other.status = "withdrawn"
    session.flush()
    new = posted(owner)
    differences = compare(session, tmp_path)
    assert (differences.missing, differences.extra, differences.other) == (
        (new.id,), (other.id,), (listing.id,),
    )  # fmt: skip
    state = current(tmp_path) / STATE
    state.write_text(state.read_text().replace('"checked_at": "2', '"checked_at": "1'))
    keep_up(session, tmp_path)
    assert compare(session, tmp_path).all == []


@pytest.mark.parametrize("what", ["nothing", "no state", "another version", "garbage", "foreign"])
def test_an_index_that_cannot_be_used_is_built_anew(
    session: Session, owner: Actor, tmp_path: Path, what: str
) -> None:
    listing = posted(owner, title="Piano")
    rebuild(session, tmp_path)
    before = current(tmp_path)
    if what == "nothing":
        shutil.rmtree(before)
    elif what == "no state":
        (before / STATE).unlink()
    elif what == "another version":
        (before / STATE).write_text((before / STATE).read_text().replace('n": ', 'n": 1'))
    elif what == "garbage":
        (tmp_path / CURRENT).write_bytes(b"\xff\xfe")
    else:
        listing.idempotency_key = "another"
        session.flush()
    with pytest.raises(IndexMissingError):
        Reader().snapshot(session, tmp_path)
    keep_up(session, tmp_path)
    assert current(tmp_path) != before
    assert found(session, tmp_path, "piano") == [listing.id]
    assert len(list(tmp_path.glob("generation-*"))) == 1


def test_broken_files_of_the_engine_are_no_index_and_are_built_anew(
    session: Session, owner: Actor, tmp_path: Path
) -> None:
    posted(owner, title="Piano")
    rebuild(session, tmp_path)
    for file in current(tmp_path).iterdir():
        if file.name != STATE:
            file.write_bytes(b"")
    with pytest.raises(IndexMissingError):
        Reader().snapshot(session, tmp_path)
    posted(owner, title="Piano")
    keep_up(session, tmp_path)
    assert len(found(session, tmp_path, "piano")) == 2


def test_one_process_writes_and_a_failed_build_leaves_the_index_before(
    session: Session, owner: Actor, tmp_path: Path
) -> None:
    posted(owner, title="Piano")
    rebuild(session, tmp_path)
    before = current(tmp_path)
    posted(owner, title="Piano")
    with writing(tmp_path), pytest.raises(IndexBusyError):
        catch_up(session, tmp_path)

    def fail(done: int, total: int) -> None:
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        rebuild(session, tmp_path, fail)
    assert current(tmp_path) == before
    assert len(list(tmp_path.glob("generation-*"))) == 1
    assert len(found(session, tmp_path, "piano")) == 1


@pytest.fixture
def keeping_app(app: Skillbank) -> Iterator[Skillbank]:
    """The application with a worker that keeps the index."""
    on_idle = app.extensions[NAME].on_idle
    worker_idle.connect(on_idle, app)
    yield app
    worker_idle.disconnect(on_idle, app)


def test_the_worker_builds_the_index_and_keeps_it(keeping_app: Skillbank) -> None:
    app = keeping_app
    with saved(app) as session:
        owner = actor_for(joined_school())
        posted(owner, title="Piano")
    folder = folder_of(app)
    shutil.rmtree(folder, ignore_errors=True)
    Worker(app).run_once()
    with saved(app) as session:
        assert len(found(session, folder, "piano")) == 1
        posted(owner, title="Piano")
    Worker(app).run_once()
    with saved(app) as session:
        assert len(found(session, folder, "piano")) == 2
        assert [len(batch) for batch in open_listings(session)] == [2]


def test_a_folder_that_cannot_be_written_does_not_stop_the_worker(
    keeping_app: Skillbank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with saved(keeping_app):
        posted(actor_for(joined_school()))
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(
        "marketplace.search.index.keeping.search_index_folder",
        lambda settings, url: tmp_path / "file" / "index",
    )
    Worker(keeping_app).run_once()


def test_the_commands_build_compare_and_say_what_differs(app: Skillbank) -> None:
    with saved(app) as session:
        owner = actor_for(joined_school())
        posted(owner)
    shutil.rmtree(folder_of(app), ignore_errors=True)
    run = app.test_cli_runner().invoke
    assert run(args=["search", "check"]).exit_code == 1
    assert (
        run(args=["search", "reindex"]).output == "1 open offers and requests are in the index.\n"
    )
    assert run(args=["search", "check"]).output == "The index is as the database.\n"
    with saved(app) as session:
        number = posted(owner).id
        assert session is not None
    checked = run(args=["search", "check"])
    assert (checked.exit_code, f"not in the index: {number}." in checked.output) == (1, True)
