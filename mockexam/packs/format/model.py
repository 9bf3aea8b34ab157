"""The pack format: what an instructor writes in pack.toml and problem.toml, as structs."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from graders.contract import Contract, Limits, Scoring
from graders.metrics.table import METRICS
from graders.sentences import Sentence, sentence
from mockexam.exam import form
from mockexam.exam.allowance import LONGEST_WAIT
from mockexam.exam.program_rules import ProgramRules
from mockexam.exam.rules import MetricShown

FORMAT = 1
# No pack may ask the grader for more than this, whatever it says.
CEILINGS = {"wall_seconds": 600, "cpu_seconds": 1200, "resident_bytes": 16 << 30, "address_bytes": 32 << 30}
LARGEST = {"max_bytes": 4 << 30, "max_parameters": 10**12, "max_layers": 10**6, "draw_size": 10**6, "length": 10**6}

# A byte order mark, which some editors write, isn't part of a text.
ENCODING = "utf-8-sig"

# The key of a JSON Schema under which editors look for the message about a text that doesn't match its pattern.
ADVICE = "patternErrorMessage"

# A schema holds English text; this finds the sentence that a text came from.
_SENTENCES: dict[str, Sentence] = {}


def written(words: Sentence) -> str:
    """A sentence as the text that a schema holds."""
    return _SENTENCES.setdefault(words.english, words).english


def sentence_of(text: str) -> Sentence:
    """The sentence that was `written` as this text."""
    return _SENTENCES[text]


def _pattern(pattern: str, wanted: Sentence, advice: Sentence, **limits: Any) -> Meta:
    """A pattern with its words: what is wanted ("… to be …"), and what to do about a text that doesn't match."""
    return Meta(pattern=pattern, description=written(wanted), extra_json_schema={ADVICE: written(advice)}, **limits)


def _either(wanted: Sentence, advice: Sentence) -> Meta:
    """Several kinds of value with their words, as for a pattern."""
    return Meta(description=written(wanted), extra_json_schema={ADVICE: written(advice)})


Text = Annotated[
    str,
    _pattern(
        r"^[^\x00-\x1f\x7f-\x9f]*$",
        sentence("a text on one line"),
        sentence("Take out line breaks and control characters; a terminal would obey them."),
        min_length=1,
    ),
]
Prose = Annotated[
    str,
    _pattern(
        r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]*$",
        sentence("a text without control characters"),
        sentence("Take them out; a terminal would obey them."),
    ),
]
Identifier = Annotated[
    str,
    _pattern(
        r"^[a-z0-9]+([-_][a-z0-9]+)*$",
        sentence("an id of lower-case letters, digits and single hyphens or underscores"),
        sentence('Rename it, as in "my-problem".'),
        max_length=60,
    ),
]
Version = Annotated[
    str,
    _pattern(
        r"^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$",
        sentence("a semantic version"),
        sentence('Write three numbers, as in "1.0.0".'),
    ),
]
License = Annotated[
    str,
    _pattern(
        r"^[A-Za-z0-9][A-Za-z0-9.+() -]*$",
        sentence("an SPDX licence expression"),
        sentence('Write one as in "CC-BY-4.0"; https://spdx.org/licenses lists them.'),
    ),
]
Language = Annotated[
    str,
    _pattern(
        r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$", sentence("a language code"), sentence('Write one as in "en" or "pt-BR".')
    ),
]
Address = Annotated[
    str, _pattern(r"^(https?|file)://", sentence("an address"), sentence("Write it with https:// (or file://)."))
]
FileName = Annotated[
    str,
    _pattern(
        r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        sentence("the name of a file in the problem's folder"),
        sentence("Put the file there and give its plain name."),
    ),
]
DataSetName = Annotated[
    str,
    _pattern(
        r"^[a-z0-9_]+(/[A-Za-z0-9_.-]+)*$",
        sentence("the name of a data set, as tfds.load takes it"),
        sentence('Write it as in "mnist" or "glue/cola".'),
    ),
]
Split = Annotated[
    str,
    _pattern(
        r"^[a-z0-9_]+(\[(\d+%?)?:(\d+%?)?\])?$",
        sentence("a split or a slice of one"),
        sentence('Write it as in "test" or "train[90%:]".'),
    ),
]
Sha256 = Annotated[
    str,
    _pattern(
        r"^[0-9a-f]{64}$", sentence("a SHA-256 in 64 hexadecimal digits"), sentence("`sha256sum FILE` prints it.")
    ),
]
Category = Annotated[int, Meta(ge=form.FIRST, le=form.LAST)]
CategoryOrOthers = Annotated[
    str,
    _pattern(
        f"^([{form.FIRST}-{form.LAST}]|{form.OTHERS})$",
        sentence(
            'a table of the categories {first} to {last}, and "{others}"',
            first=form.FIRST,
            last=form.LAST,
            others=form.OTHERS,
        ),
        sentence(
            'Use the numbers {first} to {last} as keys, and "{others}" for those that are not named.',
            first=form.FIRST,
            last=form.LAST,
            others=form.OTHERS,
        ),
    ),
]
MaxSubmissions = Annotated[int, Meta(ge=1, le=10_000)]
Cooldown = Annotated[int, Meta(ge=0, le=LONGEST_WAIT)]
Kind = Literal["files", "generator", "builder", "tfds", "download"]
DRAWN: tuple[Kind, ...] = ("generator", "download")  # their generator.py makes the hidden set and may return values
SEQUENCES = 5  # the category in which the future of a series is foretold
ONLINE: tuple[Kind, ...] = ("tfds", "download")


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The form of the exam: minutes, pass mark out of 100, points per category, and what counts."""

    minutes: Annotated[int, Meta(ge=1, le=24 * 60)] = form.MINUTES
    pass_mark: Annotated[int, Meta(ge=1, le=100)] = form.PASS_MARK
    weights: dict[Category, Annotated[int, Meta(ge=1, le=100)]] = msgspec.field(default_factory=form.WEIGHTS.copy)
    counts: Literal["last", "best"] = "last"
    retake_days: tuple[Annotated[int, Meta(ge=0, le=36_500)], ...] = form.RETAKE_DAYS
    retake: Literal["shown", "enforced"] = "shown"
    max_submissions: (
        Annotated[
            MaxSubmissions | dict[CategoryOrOthers, MaxSubmissions],
            _either(
                sentence("a whole number from 1 to 10000, or a table of such numbers by category"),
                sentence("Write `max_submissions = 20`, or `max_submissions = {{ 5 = 10, others = 20 }}`."),
            ),
        ]
        | msgspec.UnsetType
    ) = msgspec.UNSET
    cooldown: (
        Annotated[
            Cooldown | dict[CategoryOrOthers, Cooldown],
            _either(
                sentence("a whole number of seconds from 0 to 86400, or a table of such numbers by category"),
                sentence("Write `cooldown = 60`, or `cooldown = {{ 5 = 600, others = 60 }}`."),
            ),
        ]
        | msgspec.UnsetType
    ) = msgspec.UNSET
    precision: Annotated[int, Meta(ge=1, le=15)] | msgspec.UnsetType = msgspec.UNSET
    metric_shown: MetricShown = "value"

    def by_category(self, name: Literal["max_submissions", "cooldown"]) -> dict[int, int]:
        """What holds in each category with points; those without a rule are left out."""
        stated = getattr(self, name)
        if stated is msgspec.UNSET:
            return {}
        table = {form.OTHERS: stated} if isinstance(stated, int) else stated
        found = {category: table.get(str(category), table.get(form.OTHERS)) for category in sorted(self.weights)}
        return {category: number for category, number in found.items() if number is not None}


class Programs(ProgramRules, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The rules for candidates' programs: the Keras they run under, other Pythons, advice, and saving a model."""


class DataSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a problem's data comes from; `source` and `license` are its provenance, in words and as SPDX.

    A hidden set is an .npz of `inputs`, `labels` and, for a series, `time`: when each row's first predicted value is.
    """

    kind: Kind
    source: Text
    license: License
    notice: FileName | None = None
    name: DataSetName | None = None
    seconds: Annotated[int, Meta(ge=1, le=3600)] = 300
    scale: Annotated[float, Meta(gt=0, le=1e6)] = 1.0
    hidden_split: Split | None = None
    probe: Address | None = None
    url: Address | None = None
    sha256: Sha256 | None = None


class Translation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The title and the target of a problem in another language."""

    title: Text
    target: Text


class PackFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What pack.toml says."""

    format: int
    id: Identifier
    title: Text
    version: Version
    license: License
    authors: Annotated[tuple[Text, ...], Meta(min_length=1)]
    description: Prose = ""
    form: Form = Form()
    programs: Programs = Programs()


class ProblemFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What problem.toml says. `minutes` is what a prepared candidate needs, `train_minutes` the reference solution."""

    format: int
    id: Identifier
    uuid: Text
    category: Category
    title: Text
    skills: Annotated[tuple[Text, ...], Meta(min_length=1)]
    difficulty: Annotated[int, Meta(ge=1, le=5)]
    minutes: Annotated[int, Meta(ge=1, le=600)]
    train_minutes: Annotated[float, Meta(gt=0, le=120)] = 3.0
    target: Text
    languages: Annotated[tuple[Language, ...], Meta(min_length=1)] = ("en",)
    contract: Contract
    scoring: Scoring
    limits: Limits = Limits()
    data: DataSource
    translations: dict[str, Translation] = {}


class Expected(msgspec.Struct, frozen=True):
    """The contract, whether a threshold concerns classes, and the scoring where it is known."""

    contract: Contract
    classifies: bool
    scoring: Scoring | None = None


class Problem(ProblemFile, frozen=True, kw_only=True):
    """One problem of a pack, with its folder."""

    folder: Path

    def statement(self, language: str = "en") -> str:
        """The statement in `language`, else in the nearest language there is (ko-KR, ko, then the first one)."""
        for wanted in spoken(language):
            if wanted in self.languages[1:]:
                return self._filled((self.folder / f"statement.{wanted}.md").read_text(ENCODING), wanted)
        return self._filled((self.folder / "statement.md").read_text(ENCODING), self.languages[0])

    def title_in(self, language: str) -> str:
        """The title in `language`, else the original one."""
        return next((self.translations[x].title for x in spoken(language) if x in self.translations), self.title)

    def target_in(self, language: str) -> str:
        """The metric wanted, in `language`, else in the original one."""
        return next((self.translations[x].target for x in spoken(language) if x in self.translations), self.target)

    @property
    def starter(self) -> str:
        """The text of the stub; {{name}} values of the data generator are still in it."""
        return self._filled((self.folder / "starter.py").read_text(ENCODING), self.languages[0])

    @property
    def hints(self) -> str | None:
        """The hints for practice, if there are any."""
        path = self.folder / "hints.md"
        return path.read_text(ENCODING) if path.is_file() else None

    @property
    def expected(self) -> Expected:
        """What the hidden set and models are checked against."""
        classifies = any(METRICS[threshold.metric].kind == "classification" for threshold in self.scoring.thresholds)
        return Expected(self.contract, classifies, self.scoring)

    @property
    def foretells(self) -> bool:
        """Whether numbers are foretold from windows of a series: then the hidden rows have an order in time."""
        shape = self.contract.input_shape
        numbers = self.contract.input_dtype != "string" and not self.expected.classifies
        return self.category == SEQUENCES and numbers and len(shape) in (1, 2) and shape[0] != 1

    @property
    def solution_path(self) -> Path:
        """The reference solution."""
        return self.folder / "solution.py"

    def _filled(self, text: str, language: str) -> str:
        return fill(text, {"target": self.target_in(language), "title": self.title_in(language)})


class Pack(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A pack and its problems, in the order of category and id."""

    id: str
    title: str
    version: str
    license: str
    authors: tuple[str, ...]
    description: str
    root: Path
    form: Form
    programs: Programs
    problems: tuple[Problem, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything in the pack that an exam depends on; computed when first asked for."""
        from mockexam.packs.format.digest import pack_digest

        return pack_digest(self.root)

    @property
    def offline(self) -> bool:
        """Whether every problem's data comes with the pack."""
        return not any(problem.data.kind in ONLINE for problem in self.problems)

    def problem(self, problem_id: str) -> Problem:
        """The problem of that id; KeyError when there is none."""
        for problem in self.problems:
            if problem.id == problem_id:
                return problem
        raise KeyError(problem_id)


def spoken(language: str) -> tuple[str, ...]:
    """`ko-KR` as ("ko-KR", "ko"): the language asked for and what it falls back on."""
    parts = language.replace("_", "-").split("-")
    return tuple("-".join(parts[:n]) for n in range(len(parts), 0, -1))


def fill(text: str, values: dict[str, str]) -> str:
    """`text` with each {{name}} in `values` replaced; others stay as they are."""
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    return text
