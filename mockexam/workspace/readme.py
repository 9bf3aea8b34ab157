"""The README.md of a candidate's project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from graders.sentences import Sentence, Words, joined, sentence, sentences
from mockexam.workspace.editors import Launch


class Listed(Protocol):
    """What the table of problems shows."""

    @property
    def category(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def target(self) -> str: ...


def python_lines(language: str, interpreter: str, launch: Launch | None = None) -> str:
    """The lines of the README that tell which Python is for what; `interpreter` is mockexam's own."""
    if _is_korean(language):
        return _korean_pythons(interpreter, launch)
    return _pythons(interpreter, launch).english


def _is_korean(language: str) -> bool:
    return language.replace("_", "-").split("-")[0] == "ko"


def readme(candidate: str, minutes: int, problems: Sequence[Listed], language: str, interpreter: str) -> str:
    """The text in `language`, in English when there is no translation."""
    rows = "\n".join(f"| `Category{p.category}` | {_cell(p.title)} | {_cell(p.target)} |" for p in problems)
    values = (candidate, _hours(minutes), rows, interpreter)
    if _is_korean(language):
        return _korean(*values)
    return "\n\n".join(paragraph.english for paragraph in _paragraphs(*values)) + "\n"


def limits_foot(language: str, most: int | None, seconds: int) -> str:
    """What stands below a statement of a problem whose submissions are limited; nothing where they aren't."""
    if _is_korean(language):
        # untranslated: it is a translation, in the language of the exam's texts
        korean = [f"이 문제는 {most}번까지 채점됩니다. 거부된 모델은 세지 않습니다."] if most is not None else []
        korean += (
            [f"한 번 제출한 뒤 다시 제출하려면 {seconds}초를 기다려야 합니다."] if seconds else []
        )  # untranslated: as above
        return f"\n{' '.join(korean)}\n" if korean else ""
    words: list[Words] = []
    if most is not None:
        limit = sentences(
            "This problem takes {count} tested submission; a model that is refused doesn't use it up.",
            "This problem takes {count} tested submissions; a model that is refused uses none up.",
            count=most,
        )
        words.append(limit)
    if seconds:
        words.append(
            sentences(
                "Between two presses lies at least {count} second.",
                "Between two presses lie at least {count} seconds.",
                count=seconds,
            )
        )
    return f"\n{joined(words, ' ')}\n" if words else ""


def statement_foot(language: str) -> str:
    """What stands below every problem's statement: where to look when code from the courses fails."""
    if _is_korean(language):
        # untranslated: it is a translation, in the language of the exam's texts
        return "\n강의에서 배운 코드가 오류로 멈추나요? 앱에서 F1을 누른 다음 C를 누르세요.\n"
    words = sentence(
        "Does code from the courses stop with an error? In the app press F1, then C: *Code from the courses on today's "
        "TensorFlow*."
    )
    return f"\n{words.english}\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _hours(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def _paragraphs(candidate: str, hours: str, rows: str, interpreter: str) -> tuple[Sentence, ...]:
    return (
        sentence(
            "# Mock exam of {candidate}",
            candidate=candidate,
        ),
        sentence(
            "| folder | problem | wanted |\n|---|---|---|\n{rows}",
            rows=rows,
        ),
        sentence(
            "Each folder holds `PROBLEM.md` (what is asked), `starter.py` (where you write) and `data/`.\n"
            "You have {hours} hours from *Start Exam*.",
            hours=hours,
        ),
        sentence(
            "1. Read `PROBLEM.md`, fill in `solution_model()` in `starter.py`.\n"
            "2. Run `starter.py` inside its folder. It trains and saves `mymodel.h5` there.\n"
            "{pythons}\n"
            "3. *Submit and Test* in the app, or `mockexam submit 1` in a shell."
            " A category never submitted gets no points.",
            pythons=_pythons(interpreter, None),
        ),
        sentence(
            "Any editor will do: `.vscode/` has tasks that run and submit, `.idea/` the same for PyCharm."
            " For PyCharm's\n"
            "*External Tools* menu, copy `.mockexam/editors/pycharm/tools` to its configuration folder."
        ),
        sentence(
            "    mockexam start      open the exam, or go on with it\n"
            "    mockexam status     time left, points so far\n"
            "    mockexam end        end the exam"
        ),
        sentence("`.mockexam/` keeps the original starters, the output of your runs and the starters you reset."),
    )


def _pythons(interpreter: str, launch: Launch | None) -> Sentence:
    if launch is None:
        return sentence(
            "   The Python that has TensorFlow is `{interpreter}`; choose it as the interpreter in other editors too.",
            interpreter=interpreter,
        )
    return sentence(
        "   Your programs run with {name}: `{executable}`; choose it as the interpreter in other editors too.\n"
        "   `mockexam run 1` in a shell runs them as the app does."
        " *Submit and Test* always uses mockexam's own Python, `{interpreter}`.",
        name=launch.name,
        executable=launch.executable,
        interpreter=interpreter,
    )


def _korean_pythons(interpreter: str, launch: Launch | None) -> str:
    if launch is None:
        # untranslated: it is a translation, in the language of the exam's texts
        return f"   TensorFlow가 설치된 Python은 `{interpreter}`입니다. 다른 편집기에서도 이 인터프리터를 선택하세요."
    # untranslated: it is a translation, in the language of the exam's texts
    return (
        f"   프로그램은 {launch.name}(`{launch.executable}`)로 실행됩니다."
        " 다른 편집기에서도 이 인터프리터를 선택하세요.\n"
        "   셸에서 `mockexam run 1`은 앱과 똑같이 실행합니다."
        f" *Submit and Test*는 항상 mockexam의 Python(`{interpreter}`)을 씁니다."
    )


def _korean(candidate: str, hours: str, rows: str, interpreter: str) -> str:
    # untranslated: it is a translation, in the language of the exam's texts
    return f"""# {candidate}님의 모의시험

| 폴더 | 문제 | 목표 |
|---|---|---|
{rows}

각 폴더에는 `PROBLEM.md`(문제), `starter.py`(작성할 파일), `data/`(데이터)가 있습니다.
시험 시간은 *Start Exam*부터 {hours}시간입니다.

1. `PROBLEM.md`를 읽고 `starter.py`의 `solution_model()`을 완성하세요.
2. 그 폴더 안에서 `starter.py`를 실행하면 학습 후 `mymodel.h5`가 저장됩니다.
{_korean_pythons(interpreter, None)}
3. 앱에서 *Submit and Test*를 누르거나 셸에서 `mockexam submit 1`을 실행하세요. 한 번도 제출하지 않은 범주는 0점입니다.

편집기는 자유입니다. `.vscode/`와 `.idea/`에 실행과 제출 설정이 들어 있습니다. PyCharm의 *External Tools* 메뉴를 쓰려면
`.mockexam/editors/pycharm/tools` 폴더를 PyCharm 설정 폴더로 복사하세요.

    mockexam start      시험 열기, 이어서 하기
    mockexam status     남은 시간과 현재 점수
    mockexam end        시험 끝내기

`.mockexam/`에는 원래 starter 파일, 실행 출력, 초기화하기 전의 파일이 보관됩니다.
"""
