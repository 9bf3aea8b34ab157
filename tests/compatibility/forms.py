"""What must not change in a file or in JSON: names and types, not values."""

from __future__ import annotations

import json
import re
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

ADDED: frozenset[str] = frozenset(
    {
        "interpreters", "odds_sets", "programs", "proofs", "sentences",
        "cooldown", "max_submissions", "metric_shown", "precision", "told",
    }
)  # fmt: skip
"""Names of fields that have been added since 0.1.0; today's readers must do without them."""

ADDED_FILES: frozenset[str] = frozenset({"editors.json", "interpreter.json", "launch.json"})
"""Names of files that have been added since 0.1.0, which looks for none of them."""


def form(value: Any) -> Any:
    """The keys and types of JSON; for a list, those of its elements."""
    if isinstance(value, dict):
        return {key: form(inner) for key, inner in sorted(value.items()) if key not in ADDED}
    if isinstance(value, list):
        return sorted({json.dumps(form(inner), sort_keys=True) for inner in value})
    return type(value).__name__


def forms_below(folder: Path) -> dict[str, Any]:
    """Name → form of each file below a folder, with ids and hashes as `#`."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in ADDED_FILES]
    return {_named(path.relative_to(folder)): _form_of(path) for path in files}


def _named(path: Path | str) -> str:
    return re.sub(r"[0-9a-f]{64}|(?<=snapshots/)[0-9a-f]{2}|\d{8}-[0-9a-f]{6}", "#", str(path))


def _form_of(path: Path) -> Any:
    if path.suffix == ".sqlite3":
        return _form_of_ledger(path)
    if path.suffix == ".json":
        return _form_of_text(path.read_bytes())
    return _form_of_archive(path) if path.suffix == ".zip" else None


def _form_of_text(content: bytes) -> Any:
    text = content.decode("utf-8")
    return form(json.loads(re.sub(r"\d{8}-[0-9a-f]{6}", "#", text)))


def _form_of_archive(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as opened:
        label = next(name for name in opened.namelist() if re.fullmatch(r"mockexam-\w+\.json", name))
        names = {_named(name): None for name in opened.namelist()}
        return names | {label: _form_of_members(json.loads(opened.read(label)))}


def _form_of_members(label: Any) -> Any:
    """The form of an archive's label: in an export it names the members, hashes among them."""
    content = label.get("content", label)
    if isinstance(content.get("members"), dict):
        content["members"] = {_named(name): value for name, value in content["members"].items()}
    return form(label)


def _form_of_ledger(path: Path) -> dict[str, Any]:
    """Each table's declaration, and the form of the JSON in it."""
    with closing(sqlite3.connect(path)) as ledger:
        ledger.row_factory = sqlite3.Row
        tables = ledger.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        found: dict[str, Any] = {table["name"]: table["sql"] for table in tables}
        for table in [table for table in tables if table["sql"].startswith("CREATE TABLE")]:
            for row in ledger.execute(f"SELECT * FROM {table['name']}"):
                for column in row.keys():  # noqa: SIM118 - a row iterates over its values
                    if column.endswith("_json") and row[column] is not None:
                        forms = found.setdefault(f"{table['name']}.{column}", set())
                        forms.add(
                            json.dumps(
                                _form_of_text(row[column].encode() if isinstance(row[column], str) else row[column])
                            )
                        )
    return found
