"""What each entry point really imports: a deferred import hides from the static contracts, not from `sys.modules`."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.structure import circles, sources

ROOT = Path(__file__).parents[1]
HEAVY = ("tensorflow", "keras", "tf_keras", "h5py", "tensorflow_datasets", "matplotlib", "pandas", "PIL")
SCREEN = ("textual",)

COMMANDS = [
    ["--help"],
    ["--version"],
    ["status"],
    ["results"],
    ["results", "verify", "none.json"],
    ["doctor"],
    ["export-attempt"],
    ["import-attempt", "none.zip"],
    ["submit", "1"],
    ["run", "--help"],
    ["run", "1"],
    ["run", "none.py", "--python", "keras2"],
    ["start", "--help"],
    ["serve", "--help"],
    ["serve", "--host", "0.0.0.0"],
    ["pack", "--help"],
    ["pack", "list"],
]

PROBE = """
import json, sys
from mockexam.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
finally:
    print("\\nMODULES " + json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def modules_after(code: str, arguments: list[str], home: Path) -> set[str]:
    """The top-level modules that a fresh interpreter holds after `code`."""
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "MOCKEXAM_HOME": str(home / "mockexam")},
        cwd=home,
    )
    marked = [line for line in run.stdout.splitlines() if line.startswith("MODULES ")]
    assert marked, run.stdout + run.stderr
    return set(json.loads(marked[-1].removeprefix("MODULES ")))


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_no_command_imports_the_screen_or_tensorflow(arguments: list[str], tmp_path: Path) -> None:
    loaded = modules_after(PROBE, arguments, tmp_path)
    assert not loaded & {*HEAVY, *SCREEN}


@pytest.mark.parametrize("arguments", [["--help"], ["status"]], ids=" ".join)
def test_light_commands_import_no_numpy(arguments: list[str], tmp_path: Path) -> None:
    assert "numpy" not in modules_after(PROBE, arguments, tmp_path)


def test_asking_a_worker_imports_neither_numpy_nor_tensorflow(tmp_path: Path) -> None:
    code = """
import json, sys
import mockexam.packs.workers.client
print("MODULES " + json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
    assert not modules_after(code, [], tmp_path) & {*HEAVY, *SCREEN, "numpy"}


def test_the_web_server_imports_neither_the_screen_nor_tensorflow(tmp_path: Path) -> None:
    code = """
import json, sys
import mockexam.serving.server
print("MODULES " + json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
    loaded = modules_after(code, [], tmp_path)
    assert "aiohttp" in loaded
    assert not loaded & {*HEAVY, *SCREEN, "numpy"}


def test_the_terminal_process_imports_neither_numpy_nor_tensorflow(tmp_path: Path) -> None:
    code = """
import importlib, json, pkgutil, sys
import mockexam.tui
for module in pkgutil.walk_packages(mockexam.tui.__path__, "mockexam.tui."):
    importlib.import_module(module.name)
print("MODULES " + json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
    loaded = modules_after(code, [], tmp_path)
    assert "textual" in loaded
    assert not loaded & {*HEAVY, "numpy"}


def test_the_reader_of_code_imports_neither_the_screen_nor_tensorflow(tmp_path: Path) -> None:
    code = """
import json, sys
from mockexam.tui.code.knowledge.reader import Reader
found = Reader().findings("import tensorflow as tf", None)
print("MODULES " + json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
    assert not modules_after(code, [], tmp_path) & {*HEAVY, *SCREEN, "rich", "numpy"}


def test_what_another_python_runs_for_the_editor_is_for_any_from_3_7() -> None:
    source = (ROOT / "mockexam/tui/code/knowledge/name_server.py").read_text()
    tree = ast.parse(source, feature_version=(3, 7))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported
    assert imported <= sys.stdlib_module_names


def test_the_trusted_side_of_the_grader_imports_no_tensorflow(tmp_path: Path) -> None:
    code = """
import json, sys
import graders.trusted.supervisor, graders.client.service, graders.trusted.staging, graders.scoring.scores
print("MODULES " + json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
    assert not modules_after(code, [], tmp_path) & set(HEAVY)


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles(sources(ROOT), types=True) == []


@pytest.mark.parametrize(
    "import_of_one",
    [
        "from shop import two",
        "from shop.two import buy",
        "import shop.two",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shop.two import buy",
        "def sell():\n    from shop import two",
    ],
)
def test_a_circle_is_found_however_it_is_imported(import_of_one: str, tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "__init__.py").touch()
    (shop / "one.py").write_text(import_of_one)
    (shop / "two.py").write_text("from shop.three import pay")
    (shop / "three.py").write_text("import shop.one")
    (shop / "four.py").write_text("import shop.one")
    assert circles(sources(tmp_path, ["shop"]), types=True) == [{"shop.one", "shop.two", "shop.three"}]
