"""What a command's exit code says: the one place that defines it."""

from __future__ import annotations

from mockexam.errors import Kind

DONE, ANSWER_IS_NO, WRONG_USAGE, NOTHING_THERE, OUR_FAULT, TOO_EARLY, NONE_LEFT = range(7)
INTERRUPTED, READER_GONE = 130, 141  # as the shell reports a program that a signal ended

OF_KIND: dict[Kind, int] = {
    "no": ANSWER_IS_NO,
    "usage": WRONG_USAGE,
    "nothing": NOTHING_THERE,
    "fault": OUR_FAULT,
    "offline": OUR_FAULT,
    "early": TOO_EARLY,
    "spent": NONE_LEFT,
}
"""Kind of an error → the exit code of the command that ran into it."""

# untranslated: docs/commands.md prints it
MEANINGS = {
    DONE: ("done", "for `submit`: the model was tested, whatever its score"),
    ANSWER_IS_NO: (
        "the answer is no",
        "the model was refused or failed, a result file does not hold, `end` was answered *no*, `doctor` found a fault",
    ),
    WRONG_USAGE: (
        "wrong usage",
        "an unknown option or category, a used folder, no terminal, settings that can't be understood",
    ),
    NOTHING_THERE: ("nothing to work on", "no exam is running, or there is no such file, pack or result"),
    OUR_FAULT: (
        "our fault",
        "or the machine's: a model could not be tested, the disk is full, no network; nothing recorded is lost",
    ),
    TOO_EARLY: (
        "too early",
        "`submit` before the wait between two presses is over, or while the last one that is left is tested: try again",
    ),
    NONE_LEFT: ("none left", "`submit` when the category has had all the submissions that the pack allows"),
    INTERRUPTED: ("interrupted", "by Ctrl-C; `pack` commands also by SIGTERM or SIGHUP"),
    READER_GONE: ("the reader went away", "as in `… | head -1`; the command went no further"),
}
"""Code → (what it means, in which cases); docs/commands.md has them as a table."""
