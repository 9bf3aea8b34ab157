"""What workers are asked and what they answer, for both sides of the pipe. Imports neither NumPy nor TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, TypeVar

import msgspec

from graders.contract import Scoring
from graders.sentences import Words
from mockexam.errors import Error
from mockexam.packs.format.model import Expected

Reply_co = TypeVar("Reply_co", covariant=True)


class Request(Protocol[Reply_co]):
    """One thing to ask: of which module, whether with the network, and which kind of struct comes back."""

    @property
    def worker(self) -> str: ...

    @property
    def online(self) -> bool: ...

    @property
    def reply(self) -> type[Reply_co]: ...


# ------------------------------------------------------------------------------------------ what every worker says


class Step(msgspec.Struct, frozen=True, tag="step"):
    """How much is done, 0 to 1, and what is being done."""

    fraction: float
    detail: Words


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Why a request can't be carried out, which a person can mend. `line` is that of the pack's own script."""

    expected: Words
    found: Words
    advice: Words
    line: int | None = None

    @classmethod
    def of(cls, error: Error) -> Refused:
        """An error as a message for the other side of the pipe."""
        return cls(error.expected, error.found, error.advice)


class Misread(msgspec.Struct, frozen=True, tag="misread"):
    """The worker doesn't know the request: a fault of ours."""

    found: str


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """The reply, to be read as the kind that the request expects."""

    reply: Any


Line = Step | Refused | Misread | Answer


# ------------------------------------------------------------------------------------- data: generators, hidden sets


class Drawn(msgspec.Struct, frozen=True):
    """The values that a generator returned for {{name}}, and the number of rows of the hidden set."""

    values: dict[str, str]
    rows: int


class Decoded(msgspec.Struct, frozen=True):
    """The number of hidden pictures."""

    rows: int


class Downloaded(msgspec.Struct, frozen=True):
    """The size of a file."""

    bytes: int


class Overlap(msgspec.Struct, frozen=True):
    """How many hidden rows are among public ones, how many there are, and how many public ones were compared."""

    known: int
    hidden: int
    public: int


class Dated(msgspec.Struct, frozen=True):
    """Whether a hidden set now says when its rows are."""

    dated: bool


class Counted(msgspec.Struct, frozen=True):
    """What the labels of a hidden set hold, as mockexam.exam.oracle.Labels has it."""

    rows: int
    total: int
    bits: float
    classes: int
    spread: float


class LookUp(msgspec.Struct, frozen=True):
    """Whether hidden rows have an order, and metric → value of a look-up in them.

    `held`: of one in the rows that hold the answer. `adjoining`: of one in the rows that begin after it. Both are empty
    where the answers aren't among the values of other rows.
    """

    ordered: bool
    held: dict[str, float] = {}
    adjoining: dict[str, float] = {}


class Inspected(msgspec.Struct, frozen=True, tag="inspected"):
    """A hidden set that fits: rows (None: not made yet), classes without a label, names of a generator's values."""

    rows: int | None = None
    missing: tuple[int, ...] = ()
    values: tuple[str, ...] | None = None


class Inspections(msgspec.Struct, frozen=True):
    """What came of each hidden set."""

    results: tuple[Inspected | Refused, ...]


class _Data(msgspec.Struct, frozen=True, kw_only=True, tag_field="action"):
    worker: ClassVar[str] = "mockexam.packs.workers.data"
    online: ClassVar[bool] = False


class Generate(_Data, frozen=True, kw_only=True, tag="generate"):
    """Run a generator, which fills the folder `public` and writes `hidden`, to which times are added if `dated`."""

    reply: ClassVar[type[Drawn]] = Drawn
    script: Path
    seed: int
    public: Path
    hidden: Path
    expected: Expected
    dated: bool = False


class Decode(_Data, frozen=True, kw_only=True, tag="decode"):
    """Make `hidden` of the pictures in `folder`, their pixels times `scale`."""

    reply: ClassVar[type[Decoded]] = Decoded
    folder: Path
    hidden: Path
    expected: Expected
    scale: float


class Download(_Data, frozen=True, kw_only=True, tag="download"):
    """Download a file into the folder `public`."""

    online: ClassVar[bool] = True
    reply: ClassVar[type[Downloaded]] = Downloaded
    url: str
    sha256: str | None
    public: Path


class CompareFiles(_Data, frozen=True, kw_only=True, tag="compare"):
    """Look for hidden rows in the files below `public`."""

    reply: ClassVar[type[Overlap]] = Overlap
    public: Path
    hidden: Path


class LookUpAnswers(_Data, frozen=True, kw_only=True, tag="look-up"):
    """Look the answers of each hidden row up in the others."""

    reply: ClassVar[type[LookUp]] = LookUp
    hidden: Path
    scoring: Scoring


class CountLabels(_Data, frozen=True, kw_only=True, tag="count"):
    """Count how often each label occurs."""

    reply: ClassVar[type[Counted]] = Counted
    hidden: Path
    expected: Expected


class Date(_Data, frozen=True, kw_only=True, tag="date"):
    """Copy the hidden set at `source` to `hidden`, with the time of each row where the rows tell it."""

    reply: ClassVar[type[Dated]] = Dated
    source: Path
    hidden: Path
    expected: Expected


class DrawTwice(msgspec.Struct, frozen=True, kw_only=True, tag="generator"):
    """Have a generator draw twice below the folder `scratch`, which mustn't exist yet, and inspect what it made."""

    script: Path
    scratch: Path
    expected: Expected


class ReadArrays(msgspec.Struct, frozen=True, kw_only=True, tag="npz"):
    """Inspect an .npz."""

    hidden: Path
    expected: Expected


class ReadPictures(msgspec.Struct, frozen=True, kw_only=True, tag="pictures"):
    """Inspect a folder of hidden pictures."""

    folder: Path
    expected: Expected


class ReadNothing(msgspec.Struct, frozen=True, tag="nothing"):
    """Inspect nothing: there is no hidden set before the data has been downloaded."""


Inspection = DrawTwice | ReadArrays | ReadPictures | ReadNothing


class Inspect(_Data, frozen=True, kw_only=True, tag="inspect"):
    """Inspect the hidden sets of many problems."""

    reply: ClassVar[type[Inspections]] = Inspections
    jobs: tuple[Inspection, ...]


DataRequest = Generate | Decode | Download | CompareFiles | LookUpAnswers | CountLabels | Date | Inspect


# -------------------------------------------------------------------------------------------- tfds: tensorflow-datasets


class Examples(msgspec.Struct, frozen=True):
    """The number of examples in each split of a prepared data set."""

    splits: dict[str, int]


class _Tfds(msgspec.Struct, frozen=True, kw_only=True, tag_field="action"):
    worker: ClassVar[str] = "mockexam.packs.workers.tfds"
    online: ClassVar[bool] = False


class Build(_Tfds, frozen=True, kw_only=True, tag="build"):
    """Have a pack's own builder prepare the data set `name` from the files in `source`."""

    reply: ClassVar[type[Examples]] = Examples
    script: Path
    source: Path
    name: str
    data_dir: Path


class Stock(_Tfds, frozen=True, kw_only=True, tag="stock"):
    """Download and prepare a data set by its name; `hidden_split` of it, if given, becomes the hidden set `hidden`."""

    online: ClassVar[bool] = True
    reply: ClassVar[type[Examples]] = Examples
    name: str
    data_dir: Path
    hidden_split: str | None
    hidden: Path
    expected: Expected
    scale: float


class CompareExamples(_Tfds, frozen=True, kw_only=True, tag="compare"):
    """Look for hidden rows among the examples of the data set `name` below `public`."""

    reply: ClassVar[type[Overlap]] = Overlap
    name: str
    public: Path
    hidden: Path
    input_shape: tuple[int | None, ...]


TfdsRequest = Build | Stock | CompareExamples


# ------------------------------------------------------------------------------------ script, baselines, calibration


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a script: what it raised, the models it saved, and which rows it gave `Model.fit`."""

    error: Words | None = None
    seconds: float = 0.0
    processor_seconds: float = 0.0
    models: tuple[str, ...] = ()
    trained_rows: int = 0
    hidden_rows: int = 0
    hidden_rows_trained_on: int = 0


class RunScript(msgspec.Struct, frozen=True, kw_only=True):
    """Run a starter or a solution as a candidate would; its training is watched for the rows of `hidden`, if given."""

    worker: ClassVar[str] = "mockexam.packs.workers.script"
    online: ClassVar[bool] = False
    reply: ClassVar[type[Ran]] = Ran
    script: Path
    seed: int
    hidden: Path | None = None


MadeKind = Literal["control", "order", "contract"]


class MadeModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model that must not pass: a cheap one, or one that is refused with one of `codes`.

    Kinds: "control" knows nothing, "order" looks its answers up in other rows, "contract" breaks the contract.
    """

    kind: MadeKind
    name: Words
    path: Path
    codes: tuple[str, ...] = ()


class MadeModels(msgspec.Struct, frozen=True):
    """Every model that was made."""

    models: tuple[MadeModel, ...]


class MakeModels(msgspec.Struct, frozen=True, kw_only=True):
    """Make models that must not pass, of these kinds, in the folder `into`."""

    worker: ClassVar[str] = "mockexam.packs.workers.baselines"
    online: ClassVar[bool] = False
    reply: ClassVar[type[MadeModels]] = MadeModels
    kinds: tuple[MadeKind, ...]
    expected: Expected
    hidden: Path
    into: Path


class Measured(msgspec.Struct, frozen=True):
    """Metric → values (sets, tests); a set is what one candidate's tests would be."""

    values: dict[str, list[list[float]]]


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """Take the metrics of a trained model over `sets` draws, which `key` fixes."""

    worker: ClassVar[str] = "mockexam.packs.workers.calibration"
    online: ClassVar[bool] = False
    reply: ClassVar[type[Measured]] = Measured
    model: Path
    hidden: Path
    scoring: Scoring
    sets: int
    key: str


# ------------------------------------------------------------------------------------------------------- on the wire


def plain(message: object) -> Any:
    """A message as JSON values. A path may hold bytes that aren't text in this locale, so `json` must write it."""
    return msgspec.to_builtins(message, enc_hook=str)


def understood(value: Any, kind: Any) -> Any:
    """JSON values as `kind`, a struct or a union of structs; raises msgspec.ValidationError."""
    return msgspec.convert(value, kind, dec_hook=_path)


def _path(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value)
    # untranslated: a fault of ours, in the words of msgspec
    raise msgspec.ValidationError(f"Expected a path, got {type(value).__name__}")
