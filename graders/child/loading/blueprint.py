"""What a file says about its model before anything is built from it: the Keras version and the configuration."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from graders.child.refusal import Refusal
from graders.sentences import Sentence, sentence

MOST_DEPTH = 200
SAVE_ADVICE = sentence('Save the whole model, not only its weights: model.save("mymodel.h5").')

COPY_ADVICE = sentence("Save the model again; if it was copied or downloaded, copy it again.")


class Blueprint(NamedTuple):
    """The stored version and the model's configuration, either None when the file doesn't say.

    The version is that of Keras, as "2.9.0" or "3.15.1"; of a SavedModel it is "TensorFlow 2.9.0".
    """

    keras_version: str | None
    config: dict[str, Any] | None

    @property
    def numbers(self) -> tuple[int, ...]:
        """Major and minor number of the stored version; none when the file doesn't say."""
        return numbers(self.keras_version or "")

    @property
    def generation(self) -> int | None:
        """2 or 3, or None when the file doesn't say."""
        major = (self.keras_version or "").split(".")[0]
        return (3 if int(major) >= 3 else 2) if major.isdigit() else None


def numbers(version: str) -> tuple[int, ...]:
    """Major and minor number of a version."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


class Item(NamedTuple):
    """One serialised object inside a configuration. `module` and `registered` are None in files of early versions.

    `vocabulary` is whether its settings hold one.
    """

    class_name: str
    name: str
    module: str | None
    registered: str | None
    vocabulary: bool


def items(config: Any) -> Iterator[Item]:
    """Yield every serialised object in a configuration, nested ones too; not those that only training needs."""
    pending: list[tuple[Any, int]] = [(config, 0)]
    while pending:
        value, depth = pending.pop()
        if depth > MOST_DEPTH:
            raise _unreadable(sentence("its configuration is nested too deeply"))
        if isinstance(value, dict):
            if isinstance(value.get("class_name"), str):
                yield _item(value)
                if value["class_name"] == "Lambda":
                    continue  # its function is part of it
            pending.extend((inner, depth + 1) for key, inner in reversed(value.items()) if key != "compile_config")
        elif isinstance(value, list):
            pending.extend((inner, depth + 1) for inner in reversed(value))


def _item(value: dict[str, Any]) -> Item:
    config = value.get("config")
    name = config.get("name") if isinstance(config, dict) else config
    module, registered = value.get("module"), value.get("registered_name")
    return Item(
        class_name=value["class_name"],
        name=str(name) if name is not None else value["class_name"],
        module=module if isinstance(module, str) else None,
        registered=registered if isinstance(registered, str) else None,
        vocabulary=isinstance(config, dict) and bool(config.get("vocabulary")),
    )


def parsed(text: str | bytes) -> dict[str, Any]:
    """A configuration read from its JSON. Raises Refusal when it is not a JSON object."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(sentence("its configuration is not JSON ({error})", error=first_line(error))) from None
    if not isinstance(value, dict):
        raise _unreadable(sentence("its configuration is not what Keras writes"))
    return value


def _unreadable(found: Sentence) -> Refusal:
    advice = sentence('Save it again with model.save("mymodel.h5").')
    return Refusal("load", "damaged", sentence("a model as Keras saves it"), found, advice)


def first_line(error: Exception) -> str:
    """The first line of what an error says, at most 200 characters of it."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
