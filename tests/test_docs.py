"""The documents say what is so: settings, commands, targets, the layout, names and links."""

from __future__ import annotations

import importlib
import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
from flask.cli import cli as flask_cli

from marketplace import Skillbank, create_app
from marketplace.accounts.roles import NETWORK_ROLES, TRUST_ROLES, Permission, Role
from marketplace.outbox.schedule import Daily, get_schedule
from marketplace.settings import Settings, documented_settings

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
BUILT_IN = {"db", "routes", "run", "shell"}
"""Commands of Flask and its extensions."""
INTERVALS = {
    timedelta(hours=1): "every hour",
    timedelta(minutes=5): "every 5 minutes",
    timedelta(minutes=1): "every minute",
}

# Written so that they do not find themselves.
REGISTRY_HOST = re.compile(
    r"pypi[.]|pythonhosted[.]|(?<!emit-)[i]ndex-url|/simpl[e]/", re.IGNORECASE
)
MACHINE_PATH = re.compile(
    r"(?<![\w.:/-])/(?:home|root|Users|work|tmp|mnt|opt|srv|var)/[\w.-]|\.\./shared\b"
)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(document: str, heading: str) -> str:
    """What stands under ``heading``, up to the next heading."""
    after = read(document).split(f"# {heading}\n", 1)[1]
    return re.split(r"^#+ ", after, maxsplit=1, flags=re.MULTILINE)[0]


def table(document: str, heading: str) -> list[list[str]]:
    """The cells of the first table under ``heading``, without its head."""
    text = section(document, heading)
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rows = [re.split(r"(?<!\\)\|", line.strip().strip("|")) for line in lines[2:]]
    return [[cell.strip().replace("\\|", "|") for cell in row] for row in rows]


def code(text: str) -> list[str]:
    """The code in a document: what stands between backticks, and each indented line."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    indented = [line.strip() for line in prose.splitlines() if line.startswith("    ")]
    return [*re.findall(r"`([^`\n]+)`", prose), *indented]


@pytest.fixture(scope="module")
def app() -> Skillbank:
    return create_app(Settings(database_url="sqlite://", secret_key="x" * 40, production=False))


def commands_of(group: click.Group, *words: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below ``group`` with the words that call it."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands_of(command, *words, name)
        else:
            yield (*words, name), command


def find_command(app: Skillbank, words: list[str]) -> click.Command | None:
    """The command that ``words`` begin with."""
    known = dict(commands_of(app.cli)) | dict(commands_of(flask_cli))
    return known.get(tuple(words[:2])) or known.get(tuple(words[:1]))


def options_of(command: click.Command) -> set[str]:
    return {
        option
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }


@cache
def tracked_files() -> list[str]:
    """The files of the checkout that are committed."""
    safe = ("-c", "safe.directory=*")  # the checkout may belong to another user
    listing = subprocess.run(
        ["git", *safe, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True
    )
    if listing.returncode:
        pytest.skip(f"not a git checkout: {listing.stderr.strip()}")
    return [name for name in listing.stdout.split("\0") if name]


def packages() -> set[str]:
    return {path.parent.name for path in (ROOT / "marketplace").glob("*/__init__.py")}


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert len(read("README.md").splitlines()) <= 120


def test_the_table_of_settings_is_what_the_code_reads() -> None:
    documented = [
        (name.strip("`"), default, meaning)
        for name, default, meaning in table("docs/operations.md", "Settings")
    ]
    assert documented == documented_settings()


def test_every_setting_that_a_document_names_exists() -> None:
    known = {name for name, _, _ in documented_settings()}
    for document in DOCUMENTS:
        named = re.findall(r"\bSKILLBANK_[A-Z_]+", document.read_text(encoding="utf-8"))
        assert set(named) <= known, document


def test_every_command_of_the_product_is_documented(app: Skillbank) -> None:
    documented = {
        tuple(call.split()[:2])
        for cell, _ in table("docs/operations.md", "Commands")
        for call in code(cell)
    }
    ours = {words for words, _ in commands_of(app.cli) if words[0] not in BUILT_IN}
    assert documented == ours | {("db", "upgrade")}


def test_every_command_in_a_document_exists_with_its_options(app: Skillbank) -> None:
    calls = [call for cell, _ in table("docs/operations.md", "Commands") for call in code(cell)]
    for document in DOCUMENTS:
        for text in code(document.read_text(encoding="utf-8")):
            calls += re.findall(r"flask --app wsgi ([a-z][^#|`]*)", text)
    for call in calls:
        command = find_command(app, call.split())
        assert command is not None, call
        named = set(re.findall(r"(?<![\w-])--[a-z-]+", call))
        assert named <= options_of(command) | {"--help"}, call
    assert len(calls) > 30


def test_the_schedule_is_documented(app: Skillbank) -> None:
    documented = {
        name.strip("`"): when for name, when, _ in table("docs/operations.md", "The worker")
    }
    scheduled = {
        job.name: str(job.rule) if isinstance(job.rule, Daily) else INTERVALS[job.rule.length]
        for job in get_schedule(app)
    }
    assert documented == scheduled


def test_every_make_target_is_documented() -> None:
    makefile = read("Makefile")
    explained = set(re.findall(r"^([a-z-]+):.*## ", makefile, flags=re.MULTILINE))
    rows = table("CONTRIBUTING.md", "The make targets")
    assert {name.strip("`") for name, _ in rows} == {f"make {target}" for target in explained}


def test_every_make_target_in_a_document_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), flags=re.MULTILINE))
    for document in DOCUMENTS:
        for text in code(document.read_text(encoding="utf-8")):
            named = re.match(r"make ([a-z-]+)", text)
            assert named is None or named[1] in targets, (document, text)


def test_every_package_has_its_row_in_the_architecture() -> None:
    rows = re.findall(
        r"^\| `marketplace/(\w+)`", section("docs/architecture.md", "The layers"), re.M
    )
    assert set(rows) == packages()
    assert len(rows) == len(set(rows))


def test_the_rows_of_the_architecture_are_in_the_order_of_the_import_contract() -> None:
    contract = re.search(r"^layers = \[\n(.*?)^\]", read("pyproject.toml"), re.M | re.S)
    assert contract is not None
    layers = re.findall(r"\w+", contract[1])
    rows = re.findall(
        r"^\| `marketplace/(\w+)`", section("docs/architecture.md", "The layers"), re.M
    )
    ours = [name for name in layers if name in packages()]
    assert rows == ours


def test_every_top_level_folder_is_in_the_architecture_and_in_the_readme() -> None:
    folders = {name.split("/")[0] for name in tracked_files() if "/" in name} - {".ci"}
    layers = section("docs/architecture.md", "The layers")
    layout = section("README.md", "The layout")
    for folder in folders:
        assert f"| `{folder}/` |" in layers, folder
        assert f"{folder}/" in layout, folder


def test_every_package_is_in_the_layout_of_the_readme() -> None:
    named = set(re.findall(r"\b(\w+)/", section("README.md", "The layout")))
    assert packages() <= named


def test_every_file_that_a_document_names_exists() -> None:
    places = [ROOT, ROOT / "marketplace", ROOT / "docs", ROOT / "templates"]
    named = set()
    for document in DOCUMENTS:
        for text in code(document.read_text(encoding="utf-8")):
            if re.fullmatch(r"[\w.]+(/[\w.]+)+/?", text) or re.fullmatch(r"\w+/", text):
                named.add((document.name, text))
    missing = {
        (document, text)
        for document, text in named
        if not any((place / text).exists() for place in (*places, ROOT / "tests"))
    }
    assert not missing
    assert len(named) > 30


def resolves(name: str) -> bool:
    """Whether ``name`` is a module of the marketplace, or something in one."""
    module: Any = None
    path = "marketplace"
    parts = name.split(".")
    for number, part in enumerate(parts):
        path = f"{path}.{part}"
        try:
            module = importlib.import_module(path)
        except ModuleNotFoundError:
            for attribute in parts[number:]:
                if not hasattr(module, attribute):
                    return False
                module = getattr(module, attribute)
            return True
    return True


def test_every_dotted_name_in_a_document_exists(app: Skillbank) -> None:
    modules = packages() | {path.stem for path in (ROOT / "marketplace").glob("[a-z]*.py")}
    known = {permission.value for permission in Permission} | set(app.view_functions)
    checked = 0
    for document in DOCUMENTS:
        for text in code(document.read_text(encoding="utf-8")):
            name = re.match(r"(?:[a-z_]+\.)+\w+(?=$|\()", text)
            if name is None or name[0].split(".")[0] not in modules or text.endswith(".py"):
                continue
            checked += 1
            assert name[0] in known or resolves(name[0]), (document, text)
    assert checked > 10


def test_the_readme_explains_every_role() -> None:
    rows = table("README.md", "Roles")
    documented = [(name.strip("`"), where) for name, where, _ in rows]
    where = {**dict.fromkeys(NETWORK_ROLES, "the network"), **dict.fromkeys(TRUST_ROLES, "a trust")}
    assert documented == [(role.label, where.get(role, "a school")) for role in Role]


def anchors(document: Path) -> set[str]:
    """The anchors that GitHub gives the headings of ``document``."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("record", DECISIONS, ids=lambda path: path.stem[:4])
def test_a_decision_has_its_parts_and_is_short_and_listed(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    parts = re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE)
    assert parts == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= 40
    title = re.match(rf"# {int(record.name[:4])}\. (.+)\n", text)
    assert title is not None
    entry = f"- [{record.name[:4]}]({record.name}): {title[1]}\n"
    assert entry in read("docs/decisions/README.md")


def test_the_licence_is_the_one_that_the_package_names() -> None:
    assert read("LICENSE").startswith("MIT License\n")
    assert 'license = "MIT"' in read("pyproject.toml")


def test_no_committed_text_names_a_package_registry_or_a_path_of_one_machine() -> None:
    findings = []
    for name in tracked_files():
        path = ROOT / name
        if not path.is_file():  # deleted, and not committed yet
            continue
        content = path.read_bytes()
        if b"\0" in content:
            continue
        for number, line in enumerate(content.decode("utf-8").splitlines(), 1):
            if REGISTRY_HOST.search(line) or MACHINE_PATH.search(line):
                findings.append(f"{name}:{number}: {line.strip()[:80]}")
    assert not findings
