"""Write what docs/ says about metrics from the records in graders/metrics: `python docs/generate_metrics.py`.

The tables of grading.md and packs.md are between two comments; the schema of problem.toml has the metrics' names.
Tests prove that all three are current.
"""

from __future__ import annotations

from pathlib import Path

from graders.metrics.record import Metric
from graders.metrics.table import METRICS
from mockexam.packs.format import schema

DOCS = Path(__file__).parent
BEGIN, END = (
    "<!-- Written by docs/generate_metrics.py from graders/metrics. -->\n",
    "<!-- End of what is written. -->\n",
)


def definitions() -> str:
    """The table of docs/grading.md."""
    rows = [
        f"| `{each.name}` | {each.definition} | {each.source} | {'means' if each.columns else 'draws'} |\n"
        for each in METRICS.values()
    ]
    return "| name | definition | source | odds from |\n|---|---|---|---|\n" + "".join(rows)


def bars() -> str:
    """The table of docs/packs.md."""
    rows = [
        f"| `{each.name}` | {_bar(each)} | {each.kind} | {_outputs(each)} | {_keras(each)} |\n"
        for each in METRICS.values()
    ]
    head = (
        "| metric | bar | labels of a | outputs on the last axis | curves in the Run window |\n|---|---|---|---|---|\n"
    )
    return head + "".join(rows)


PAGES = {"grading.md": definitions, "packs.md": bars}


def page(name: str) -> str:
    """The whole page `name`, its table written anew."""
    text = (DOCS / name).read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"docs/{name} has no place for the table of metrics")
    return before + BEGIN + PAGES[name]() + END + after


def _bar(metric: Metric) -> str:
    if metric.better == "lower":
        return f"`at_most`, above {metric.range[0]:g}"
    return f"`at_least`, above {metric.constant:g}, up to {metric.range[1]:g}"


def _outputs(metric: Metric) -> str:
    fewest, most = metric.outputs
    if fewest == most:
        return f"{fewest}"
    return "any number" if fewest == 1 else f"{fewest} or more"


def _keras(metric: Metric) -> str:
    return " ".join(f"`{name}`" for name in metric.keras)


if __name__ == "__main__":
    for page_name in PAGES:
        (DOCS / page_name).write_text(page(page_name), "utf-8")
    schema.write(DOCS)
