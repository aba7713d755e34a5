"""What the code does not do, so that whole kinds of attacks have nothing to begin with."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_SERVED = {"demo"}
"""The package that fills a demonstration; no request reaches it."""
RANDOM_WITHOUT_SECRETS = {"marketplace/outbox/retrying.py", "ledger/retrying.py"}
"""How long the next try waits is scattered."""
OWN_PREFIX = "marketplace/credits/chart.py"
"""Its pattern has a prefix of our own."""
SIGNING_IN = ("marketplace/accounts/", "marketplace/claims/", "marketplace/members/")
"""Where what is random is a secret; a UUID has too few random bits."""
FILES_FROM_SETTINGS = {
    "marketplace/engines.py",
    "marketplace/help/reading.py",
    "marketplace/listings/templates.py",
    "marketplace/search/index/fields.py",
    "marketplace/search/index/folder.py",
    "marketplace/search/words/vocabulary.py",
    "marketplace/settings.py",
    "marketplace/starting.py",
    "marketplace/web/assets.py",
}
"""What opens files does so by names out of settings or of a folder."""


@cache
def modules() -> dict[str, ast.Module]:
    """Every module that a request can reach, by its path."""
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
        for folder in ("marketplace", "ledger")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.parent.name not in NOT_SERVED
    }


def imports(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module.partition(".")[0], node.module}
    return names


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Every call with what is called, as it is written."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def templates() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "templates").rglob("*.*")):
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def scripts() -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "static/js").glob("*.js"))
    )


def test_nothing_is_run_that_a_person_typed() -> None:
    for path, tree in modules().items():
        assert not imports(tree) & {"subprocess", "pty", "code"}, path
        for name, _ in calls(tree):
            assert name not in {"eval", "exec", "compile", "__import__", "os.system"}, path
            assert not name.startswith(("os.popen", "os.spawn", "os.exec")), path


def test_no_template_is_made_of_text() -> None:
    for path, tree in modules().items():
        for name, _ in calls(tree):
            assert not name.endswith(("render_template_string", "from_string")) or (
                name.startswith("message_from_string")
            ), path
    for path, text in templates():
        assert not re.search(r"\|\s*safe\b|autoescape false", text), path


def test_no_address_is_made_of_whatever_a_query_names() -> None:
    """A query may name `_method`, `_scheme` or `_external`, which say how an address is made."""
    for path, text in [
        *templates(),
        *((name, ast.unparse(tree)) for name, tree in modules().items()),
    ]:
        assert not re.search(r"\*\*\s*request\.(args|form|values)", text), path


def test_no_format_string_is_made_of_what_a_person_typed() -> None:
    """A format is a text in the code, or of a text there."""
    for path, tree in modules().items():
        for _, call in calls(tree):
            if isinstance(call.func, ast.Attribute) and call.func.attr in ("format", "format_map"):
                owner = call.func.value
                is_text = isinstance(owner, ast.Constant) and isinstance(owner.value, str)
                is_name = ast.unparse(owner).isupper() or ast.unparse(owner).startswith("Markup(")
                assert is_text or is_name or not call.keywords, (path, ast.unparse(call))


def test_no_pattern_is_made_of_what_a_person_typed() -> None:
    for path, tree in modules().items():
        for name, call in calls(tree):
            if re.fullmatch(r"re\.(compile|match|fullmatch|search|sub|split|findall)", name):
                pattern = call.args[0]
                names = {node.id for node in ast.walk(pattern) if isinstance(node, ast.Name)}
                if path != OWN_PREFIX and any(not name.isupper() for name in names):
                    assert "re.escape" in ast.unparse(tree), (path, ast.unparse(call))


def test_no_reader_of_dangerous_formats_is_used() -> None:
    dangerous = {"pickle", "marshal", "shelve", "dill", "yaml", "xml", "lxml", "defusedxml"}
    for path, tree in modules().items():
        assert not imports(tree) & dangerous, path


def test_no_file_is_named_by_a_person() -> None:
    for path, tree in modules().items():
        if path.endswith("commands.py") or path.startswith(("ledger/", "marketplace/schools/")):
            continue  # commands are the operator's own
        if path in FILES_FROM_SETTINGS:
            continue
        for name, call in calls(tree):
            opens = name in {"open", "send_file", "send_from_directory"} or name.endswith(
                (".read_text", ".read_bytes", ".write_text", ".write_bytes")
            )
            assert not opens, (path, ast.unparse(call))


def test_no_weak_hash_is_used() -> None:
    for path, tree in modules().items():
        for name, call in calls(tree):
            if re.fullmatch(r"hashlib\.\w+", name):
                assert name in {"hashlib.sha256", "hashlib.sha512"}, (path, ast.unparse(call))


def test_no_cryptography_is_home_made() -> None:
    """Signatures, encryption and hashes of passwords come from libraries."""
    using = {
        name: {path for path, tree in modules().items() if name in imports(tree)}
        for name in ("cryptography", "itsdangerous", "argon2", "pyotp", "webauthn", "hmac")
    }
    assert all(using.values())
    for path in using["hmac"]:
        called = {name for name, _ in calls(modules()[path]) if name.startswith("hmac.")}
        assert called == {"hmac.compare_digest"}, path


def test_secrets_come_from_the_systems_generator() -> None:
    for path, tree in modules().items():
        assert path in RANDOM_WITHOUT_SECRETS or "random" not in imports(tree), path
        assert "uuid" not in imports(tree) or not path.startswith(SIGNING_IN), path
        for name, call in calls(tree):
            if name in {"secrets.token_urlsafe", "secrets.token_bytes"}:
                [size] = call.args
                assert isinstance(size, ast.Constant), path
                assert size.value >= 16, path


def test_nothing_reads_query_and_form_as_one() -> None:
    for path, tree in modules().items():
        assert "request.values" not in ast.unparse(tree), path


def test_no_template_has_a_script_or_style_of_its_own() -> None:
    for path, text in templates():
        if "email/" in path:
            continue  # their style is moved into the elements, and no script may be there at all
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path
        assert not re.search(r'<style\b|<[a-z][^>]*\s(style|on[a-z]+)="|javascript:', text), path
    for path, text in templates():
        if "email/" in path:
            assert "<script" not in text, path


def test_scripts_write_text_and_no_html() -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function"
    assert not re.search(forbidden, scripts())
    assert "postMessage" not in scripts()
    assert not re.search(r"addEventListener\(.message", scripts())


def test_scripts_keep_nothing_in_the_browser() -> None:
    assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie", scripts())


def test_every_library_is_pinned_with_its_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
        assert len(blocks) > 20
        for block in blocks:
            assert re.match(r"[\w.\[\],-]+==[\w.]+", block), block[:60]
            assert "--hash=sha256:" in block, block[:60]
