"""The stylesheets: written to be read, and nothing in them that no page uses."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SHEETS = sorted((ROOT / "static" / "css").rglob("*.css"))
EMAILS = ROOT / "templates" / "email"
"""E-mails have a style sheet of their own (``tests/marketplace/mail/test_templates.py``)."""
TEMPLATES = sorted(set((ROOT / "templates").rglob("*.html")) - set(EMAILS.rglob("*.html")))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
MODULES = sorted((ROOT / "marketplace").rglob("*.py"))
"""They name the tones of tags and the styles of buttons."""

FROM_BOOTSTRAP = frozenset(
    {
        "btn-lg", "btn-sm", "form-check-label", "form-control-lg", "form-select-sm",
        "input-group", "input-group-text", "nav", "nav-item", "nav-link", "table",
        "text-nowrap", "visually-hidden",
    }
)  # fmt: skip
"""Classes that only Bootstrap styles."""

HOOKS = frozenset(
    {
        *("audience-count", "audience-who", "fit-box", "fit-school"),
        *("is-covered", "is-known", "listing-lead", "listing-rest", "result-what"),
        *("search-tab-count", "usual-table", "what-is-left"),
    }
)
"""Classes that only say what a part is."""

BUILT_UP = ("bar-", "btn-", "flash-", "kind-", "part-", "tag-")
"""The beginnings of classes whose ends a template fills in."""

each_sheet = pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.stem)


def code_of(sheet: Path) -> str:
    """The sheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)


def rules_of(sheet: Path) -> list[tuple[str, str, list[str]]]:
    """Every rule: the conditions it stands in (@media …), its selector, its properties."""
    rules = []
    blocks: list[str] = []
    text = ""
    for piece in re.split(r"([{}])", code_of(sheet)):
        if piece == "{":
            blocks.append(" ".join(text.split()))
        elif piece == "}":
            selector = blocks.pop()
            if not selector.startswith("@"):
                properties = re.findall(r"([\w-]+)\s*:[^;]*;", text)
                rules.append((" ".join(blocks), selector, properties))
        else:
            text = piece
    assert not blocks, f"{sheet.name}: a brace is not closed"
    return rules


def selectors_of(selector: str) -> list[str]:
    """The selectors of a list of them; a comma within brackets does not part them."""
    return [part.strip() for part in re.split(r",(?![^(]*\))", selector)]


def styled_classes() -> set[str]:
    """Every class that a stylesheet of ours names."""
    return {
        name
        for sheet in SHEETS
        for _, selector, _ in rules_of(sheet)
        for name in re.findall(r"\.([a-z][\w-]*)", selector)
    }


def words_in_quotes(paths: list[Path]) -> set[str]:
    """Every word that stands in quotes in a file, alone or among others."""
    quoted = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'")
    return {
        word
        for path in paths
        for texts in quoted.findall(path.read_text(encoding="utf-8"))
        for text in texts
        for word in re.findall(r"[a-z][\w-]*", text)
    }


def classes_in_templates() -> set[str]:
    """Every class that stands whole in a template; not those that an expression completes."""
    attributes = (
        attribute
        for template in TEMPLATES
        for attribute in re.findall(r"class=\"([^\"]*)\"", template.read_text(encoding="utf-8"))
    )
    return {
        word
        for attribute in attributes
        for word in re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", attribute).split()
        if not word.endswith("-")
    }


@each_sheet
def test_a_line_holds_one_thing(sheet: Path) -> None:
    for line in code_of(sheet).splitlines():
        whole = line.strip()
        assert not whole or whole[-1] in "{},;", f"{sheet.name}: {whole}"
        assert len(re.findall(r"[{};]", whole)) <= 1, f"{sheet.name}: {whole}"


@each_sheet
def test_nothing_is_forced_or_fetched(sheet: Path) -> None:
    assert not re.search(r"!\s*important|@import|url\(", code_of(sheet))


def test_no_rule_is_overridden_later() -> None:
    declared = Counter(
        (conditions, selector, name)
        for sheet in SHEETS
        for conditions, selectors, properties in rules_of(sheet)
        for selector in selectors_of(selectors)
        for name in properties
    )
    assert len(declared) > 400
    assert [where for where, times in declared.items() if times > 1] == []


def test_every_class_that_is_styled_is_used() -> None:
    words = classes_in_templates() | words_in_quotes([*TEMPLATES, *MODULES, *SCRIPTS])
    unused = {
        name
        for name in styled_classes() - words
        if not any(
            name.startswith(start) and name.removeprefix(start) in words for start in BUILT_UP
        )
    }
    assert unused == set()


def test_every_class_that_is_used_is_styled() -> None:
    assert classes_in_templates() - styled_classes() == FROM_BOOTSTRAP | HOOKS


def test_every_sheet_is_loaded() -> None:
    words = "\n".join(template.read_text(encoding="utf-8") for template in TEMPLATES)
    css = ROOT / "static" / "css"
    names = {sheet.relative_to(css).with_suffix("").as_posix() for sheet in SHEETS}
    assert {
        name for name in names if f'"{name}"' not in words and f"css/{name}.css" not in words
    } == set()


def test_no_page_repeats_the_skeleton() -> None:
    parts = (ROOT / "templates" / "layouts", ROOT / "templates" / "components")
    pages = [template for template in TEMPLATES if template.parent not in parts]
    assert len(pages) >= 20
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert text.startswith('{% extends "layouts/'), page.name
        for part in ("error_summary(", "page_header(", "back_link(", "<html", "<main"):
            assert part not in text, f"{page.name} has {part}"
