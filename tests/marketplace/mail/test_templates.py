"""Every e-mail has its two files, on the layout, and is readable without pictures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "templates" / "email"
PARTS = {"layout", "components"}
NAMES = sorted({path.stem for path in FOLDER.iterdir()} - PARTS)


def read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_an_email_has_a_text_with_its_subject_and_html(name: str) -> None:
    text, html = read(f"{name}.txt"), read(f"{name}.html")
    assert text.startswith('{% extends "email/layout.txt" %}')
    assert html.startswith('{% extends "email/layout.html" %}')
    assert "{% block subject %}" in text
    for content in (text, html):
        assert "{% block body %}" in content
        assert "safe" not in re.findall(r"\|\s*(\w+)", content)


@pytest.mark.parametrize("name", [*NAMES, *sorted(PARTS)])
def test_the_html_loads_nothing_and_uses_the_layouts_classes(name: str) -> None:
    html, styled = read(f"{name}.html"), set(re.findall(r"\.(email-[a-z-]+)", read("layout.html")))
    assert not re.search(r"<(img|script|link|form|iframe)\b|url\(|src=|style=", html)
    used = {word for classes in re.findall(r'class="([^"]*)"', html) for word in classes.split()}
    assert used <= styled
