"""The data files are read whole, wherever the command runs; a mistake is named with its place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from marketplace.demo.content import (
    DATA,
    OFFER_THEMES,
    REQUEST_THEMES,
    ContentError,
    demo_content,
    prose,
    read_content,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the data files, to make mistakes in."""
    return Path(
        shutil.copytree(DATA, tmp_path / "data", ignore=shutil.ignore_patterns("register.zip"))
    )


def test_the_files_are_found_whatever_the_working_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_content(DATA) == demo_content()


def test_the_content_is_read_once() -> None:
    assert demo_content() is demo_content()


def test_every_data_file_is_read() -> None:
    assert {str(path.relative_to(DATA)) for path in DATA.rglob("*.toml")} == {
        *(f"offers/{theme}.toml" for theme in OFFER_THEMES),
        *(f"requests/{theme}.toml" for theme in REQUEST_THEMES),
        "conversations/offers.toml",
        "conversations/requests.toml",
        "notes.toml",
        "names.toml",
        "jobs.toml",
        "experts.toml",
        "profiles.toml",
    }


def test_prose_unwraps_paragraphs_and_keeps_lists() -> None:
    assert prose("\n  One\n  two.\n\n  Bring:\n  – a pen\n  that writes\n  – paper\n") == (
        "One two.\n\nBring:\n– a pen that writes\n– paper"
    )


LISTING = "offers/arts.toml, listings 1 (“Local history from real documents”): "
TITLE = 'title = "Local history from real documents"'


@pytest.mark.parametrize(
    ("file", "words", "mistake", "message"),
    [
        ("offers/arts.toml", TITLE, "", "offers/arts.toml, listings 1: “title” is missing."),
        ("offers/arts.toml", TITLE, f"{TITLE}\nlength = 9", f"{LISTING}unknown: length."),
        ("offers/arts.toml", "= 180", "= 100", f"{LISTING}100 minutes are not whole quarters"),
        ("offers/arts.toml", "= 180", "= 0", f"{LISTING}“minutes” is 0"),
        ("offers/arts.toml", "= 180", "= true", f"{LISTING}“minutes” has the wrong type: True."),
        ("offers/arts.toml", "= 180", '= "3 hours"', f"{LISTING}“minutes” has the wrong type"),
        ("offers/arts.toml", '["history"', '["past"', f"{LISTING}“topics” is “past”, which is not"),
        ("offers/arts.toml", '["history"', '["history", "history"', f"{LISTING}“topics” says"),
        ("offers/arts.toml", "[[listings]]", "[[listing]]", "offers/arts.toml: unknown: listing."),
        (
            "requests/teaching.toml",
            'mode = "on_site"',
            'mode = "here"',
            "requests/teaching.toml, listings 1 (“Phonics lead needs a sounding board”):"
            " “mode” is “here”, which is not one of: on_site, at_ours, online.",
        ),
        (
            "conversations/offers.toml",
            "{our_school}",
            "{us}",
            "conversations/offers.toml, conversations 1: message 1: unknown: us.",
        ),
        (
            "conversations/offers.toml",
            "{our_school}",
            "{our_school",
            "conversations/offers.toml, conversations 1: message 1: ",
        ),
        (
            "notes.toml",
            'text = "Start',
            'text = "" # ',
            "data/notes.toml, agreed_details 1: “text”",
        ),
        ("notes.toml", '["on_site"]', "[]", "data/notes.toml, agreed_details 1: “modes” is not a"),
        ("notes.toml", "[[delivered]]", "[[given]]", "data/notes.toml: unknown: given."),
        ("names.toml", "weight = 76", "weight = 0", "data/names.toml, pools 1: “weight” is 0"),
        (
            "jobs.toml",
            "coordinator",
            "head",
            "data/jobs.toml, jobs 1 (“Deputy headteacher”): “role”",
        ),
        ("jobs.toml", "auditor = ", "# ", "data/jobs.toml, network_jobs: “auditor” is missing."),
        ("jobs.toml", "[[jobs]]", "[[jobs]", "data/jobs.toml: "),
    ],
)
def test_a_mistake_is_named_with_its_place(
    folder: Path, file: str, words: str, mistake: str, message: str
) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert words in text
    path.write_text(text.replace(words, mistake, 1), "utf-8")
    with pytest.raises(ContentError) as refused:
        read_content(folder)
    assert str(refused.value).startswith(message)


def test_a_file_that_is_not_there_or_not_text_is_named(folder: Path) -> None:
    names = folder / "names.toml"
    names.write_bytes(b"\xff\xfe")
    with pytest.raises(ContentError, match=r"^data/names\.toml: .*utf-8"):
        read_content(folder)
    names.unlink()
    with pytest.raises(ContentError, match=r"^data/names\.toml: .*No such file"):
        read_content(folder)
