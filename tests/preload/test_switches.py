"""The variables that bring the parts in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mockexam.preload.switches import FOLDER, Switches, variables


def test_nothing_is_said_when_nothing_is_switched_on() -> None:
    assert variables(Switches(), {"PYTHONPATH": "/x"}) == {}
    assert variables(Switches(log=Path("/log")), {}) == {}


@pytest.mark.parametrize("switches", [Switches(keras_2=True), Switches(plots=Path("/p")), Switches(rescue=Path("/r"))])
def test_a_part_brings_the_folder(switches: Switches) -> None:
    assert variables(switches, {})["PYTHONPATH"] == str(FOLDER)


@pytest.mark.parametrize(
    ("before", "after"),
    [("", []), ("/x", ["/x"]), ("/x:", ["/x", ""]), (f"{FOLDER}:/x", ["/x"]), (str(FOLDER), [])],
)
def test_the_path_of_the_user_is_kept_behind_it_once(before: str, after: list[str]) -> None:
    made = variables(Switches(keras_2=True), {"PYTHONPATH": before.replace(":", os.pathsep)})
    assert made["PYTHONPATH"].split(os.pathsep) == [str(FOLDER), *after]
