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


TRAINING = "compile_config"
"""What only training needs, in the configurations of .keras files. It is neither checked nor read."""


class Item(NamedTuple):
    """One serialised object inside a configuration, of which `entry` is all that is written.

    `module` and `registered` are None in files of early versions.
    """

    class_name: str
    name: str
    module: str | None
    registered: str | None
    entry: dict[str, Any]

    @property
    def settings(self) -> Any:
        """What the object is made with; a function's name."""
        return self.entry.get("config")

    @property
    def vocabulary(self) -> bool:
        """Whether the settings hold a vocabulary."""
        return isinstance(self.settings, dict) and bool(self.settings.get("vocabulary"))


def items(config: Any) -> Iterator[Item]:
    """Yield every serialised object in a configuration, nested ones too, and those in texts that are JSON.

    Not those that only training needs. Raises Refusal for what is nested too deeply, and for a class without a name.
    """
    for value in values(config):
        if isinstance(value, dict) and "class_name" in value:
            if not isinstance(value["class_name"], str):
                raise _unreadable(sentence("its configuration is not what Keras writes"))
            yield _item(value)


def values(config: Any) -> Iterator[Any]:
    """Yield every dictionary, list and text in a configuration, those in texts that are JSON too."""
    pending: list[tuple[Any, int]] = [(config, 0)]
    while pending:
        value, depth = pending.pop()
        if depth > MOST_DEPTH:
            raise _nested_too_deeply()
        yield value
        if isinstance(value, dict):
            if value.get("class_name") == "Lambda":
                continue  # its function is part of it
            pending.extend((inner, depth + 1) for key, inner in reversed(value.items()) if key != TRAINING)
        elif isinstance(value, list | tuple):
            pending.extend((inner, depth + 1) for inner in reversed(value))
        elif isinstance(value, str) and value.lstrip()[:1] in ("{", "[", '"'):
            pending.append((_inner(value), depth + 1))


def _inner(text: str) -> Any:
    """What a text is as JSON; None when it isn't JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return None
    except RecursionError:
        raise _nested_too_deeply() from None


def without_training(value: Any) -> Any:
    """The configuration without what only training needs: of a model inside the model too."""
    if isinstance(value, dict):
        return {key: without_training(inner) for key, inner in value.items() if key != TRAINING}
    return type(value)(map(without_training, value)) if isinstance(value, list | tuple) else value


def _item(value: dict[str, Any]) -> Item:
    config = value.get("config")
    name = config.get("name") if isinstance(config, dict) else config
    module, registered = value.get("module"), value.get("registered_name")
    return Item(
        class_name=value["class_name"],
        name=str(name) if name is not None else value["class_name"],
        module=module if isinstance(module, str) else None,
        registered=registered if isinstance(registered, str) else None,
        entry=value,
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


def _nested_too_deeply() -> Refusal:
    return _unreadable(sentence("its configuration is nested too deeply"))


def _unreadable(found: Sentence) -> Refusal:
    advice = sentence('Save it again with model.save("mymodel.h5").')
    return Refusal("load", "damaged", sentence("a model as Keras saves it"), found, advice)


def first_line(error: Exception) -> str:
    """The first line of what an error says, at most 200 characters of it."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
