"""One environment variable: what a setting says of it, and how its number is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields
from typing import Any, TypeVar

G = TypeVar("G")


class SettingsError(RuntimeError):
    """A setting is missing or unusable; the message is one line that says what to do."""


def variable(
    name: str,
    default: Any,
    meaning: str,
    *,
    unit: str = "",
    least: int = 0,
    most: int = 0,
    shown: str = "",
) -> Any:
    """Declare a field of a dataclass that the environment variable ``name`` sets.

    Args:
        unit: of a whole number from ``least`` to ``most``, such as minutes or seconds.
        shown: how the default is written in the documentation, if not as it is.
    """
    metadata = {
        "name": name,
        "meaning": meaning,
        "unit": unit,
        "least": least,
        "most": most,
        "shown": shown or str(default),
    }
    return field(default=default, metadata=metadata)


def read_group(group: type[G], environ: Mapping[str, str]) -> G:
    """Return the settings of ``group``, a dataclass of variables, as the environment has them.

    Raises:
        SettingsError: naming the variable that cannot be used.
    """
    values: dict[str, Any] = {}
    for setting in fields(group):  # type: ignore[arg-type]
        value = _read(setting.default, environ, setting.metadata)
        if value is not None:
            values[setting.name] = value
    return group(**values)


def _read(default: object, environ: Mapping[str, str], metadata: Mapping[str, Any]) -> object:
    """Return what the environment sets, as the type of the default; ``None`` if nothing."""
    if metadata["unit"]:
        return whole_number(environ, metadata)
    text = environ.get(metadata["name"])
    if text is None:
        return None
    if isinstance(default, bool):
        if text not in ("", "0", "1"):
            raise SettingsError(f"{metadata['name']} must be 0 or 1, not {text[:20]!r}.")
        return text == "1"
    if isinstance(default, tuple):
        return tuple(part for item in text.split(",") if (part := item.strip()))
    return text.strip()


def whole_number(environ: Mapping[str, str], metadata: Mapping[str, Any]) -> int | None:
    """Return the number that the environment sets, or ``None`` if it sets none.

    Raises:
        SettingsError: if it is not a whole number within the bounds.
    """
    name, unit = metadata["name"], metadata["unit"]
    text = environ.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise SettingsError(f"{name} must be a whole number of {unit}, not {text[:20]!r}.")
    least, most = metadata["least"], metadata["most"]
    # A number that is too long is not converted at all.
    if len(text) > 20 or not least <= int(text) <= most:
        raise SettingsError(f"{name} must be from {least} to {most} {unit}, not {text[:20]}.")
    return int(text)
