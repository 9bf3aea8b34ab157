"""Changes to bytes, texts, and to trees of values (JSON, TOML, msgpack): seeded, and strange where it hurts."""

from __future__ import annotations

import copy
import json
import math
import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

STEERING = (
    "\x1b]0;title\x07",
    "\x1b[2J",
    "\x9b31m",
    "a\rb",
    "a\nb: forged",
    "\x08\x08",
    "\u202edrawkcab",
    "\x00",
    "\x7f",
)
"""What a terminal obeys, or what makes a line say something else."""

TEXTS = (
    *STEERING,
    "", " ", "a" * 70_000, "한" * 300, "\ud800", "\udcff", "𝒳" * 3, "e\u0301", "{name}", "{{target}}", "{0}", "%s%n",
    "../../outside", "/etc/hostname", "..", ".", "-", "--help", "~", "CON", "a/b", "a\\b", "line\u2028line", "inf",
    "NaN",
    "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+14:00", "2026-03-28T12:00:00", "2026-03-28T12:00:00-23:59",
    "1e999", "0x1p-1074", "null", "١٢٣",
)  # fmt: skip
NUMBERS = (
    0, -1, 1, 2, 127, 255, 65_536, 2**31 - 1, 2**31, 2**32, 2**53 + 1, 2**63 - 1, 2**63, 2**64, 10**18, 10**40, 10**400,
    -(2**63), -(10**30), 0.0, -0.0, 0.5, 1e-320, 1e15, 1e18, 1e308, -1e308, math.inf, -math.inf, math.nan,
)  # fmt: skip
OTHERS: tuple[Any, ...] = (None, True, False, [], {}, [[]], [None], {"": None}, [0] * 3000, {"a": {"b": {"c": 1}}})
LENGTHS = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF)
DEPTHS = (10, 100, 400, 1000, 5000, 100_000)

Place = tuple[Any, ...]


def strange(dice: random.Random) -> Any:
    """A value that few expect."""
    kind = dice.random()
    if kind < 0.45:
        return dice.choice(TEXTS)
    return copy.deepcopy(dice.choice(NUMBERS if kind < 0.8 else OTHERS))


def bent_tree(tree: Any, dice: random.Random) -> Any:
    """A copy of nested tables and lists with one to four changes."""
    tree = copy.deepcopy(tree)
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        tree = _change(tree, dice)
    return tree


def _change(tree: Any, dice: random.Random) -> Any:
    places = list(_places(tree))
    if len(places) < 2:
        return strange(dice)
    place = dice.choice(places[1:])
    parent, key = _at(tree, place[:-1]), place[-1]
    match dice.randrange(9):
        case 0 | 1 | 2:
            parent[key] = strange(dice)
        case 3:
            del parent[key]
        case 4:
            parent[key] = copy.deepcopy(_at(tree, dice.choice(places[1:])))
        case 5:
            parent[key] = [parent[key]] * dice.choice((1, 2, 300))
        case 6 if isinstance(parent, dict):
            parent[dice.choice(TEXTS)] = parent.pop(key)
        case 7 if isinstance(parent, dict):
            parent[dice.choice(TEXTS)] = strange(dice)
        case _:
            parent[key] = _near(parent[key], dice)
    return tree


def _near(value: Any, dice: random.Random) -> Any:
    """Something of the same type that is almost right."""
    match value:
        case bool():
            return not value
        case int() | float():
            real = float(value) if abs(value) < 2**1000 else value
            return dice.choice((-value, value + 1, value * 10**6, real, str(value)))
        case str():
            at = dice.randrange(len(value) + 1)
            return dice.choice(
                (value[:at] + dice.choice(TEXTS) + value[at:], value.swapcase(), value + value, value[:at])
            )
        case list():
            return dice.choice((value[::-1], value + value, value[:-1], value * 200))
        case dict():
            return list(value.items())
        case _:
            return strange(dice)


def _places(tree: Any, place: Place = ()) -> Iterator[Place]:
    yield place
    if isinstance(tree, dict | list):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from _places(value, (*place, key))


def _at(tree: Any, place: Place) -> Any:
    for step in place:
        tree = tree[step]
    return tree


def json_like(content: bytes, dice: random.Random) -> bytes:
    """JSON changed as a tree, or as text that keeps its look."""
    kind = dice.random()
    if kind < 0.75:
        return json.dumps(bent_tree(json.loads(content), dice), ensure_ascii=dice.random() < 0.7).encode(
            "utf-8", "surrogatepass"
        )
    if kind < 0.9:
        return _bent_json(content, dice)
    return bent_bytes(content, dice)


def _bent_json(content: bytes, dice: random.Random) -> bytes:
    depth = dice.choice(DEPTHS)
    at = content.find(b":", dice.randrange(len(content))) + 1
    deep = dice.choice((b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth, b"[" * depth))
    match dice.randrange(6):
        case 0:
            return content[:at] + deep + b"," + content[at:]
        case 1:  # in place of the whole, or of one value
            end = content.find(b",", at)
            return content[:at] + deep + content[end:] if end > 0 else deep
        case 2:
            return content[:1] + content[1:-1] + b"," + content[1:]  # each key twice
        case 3:
            return dice.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"\x0c", b"// \n")) + content
        case 4:
            return (
                content[:at]
                + dice.choice((b"1" * 5000, b"-", b"1e99999", b'"\\ud800"', b'"\\u0000"', b"NaN"))
                + content[at:]
            )
        case _:
            return content.decode("utf-8", "replace").encode(dice.choice(("utf-16", "utf-32", "cp037")), "replace")


def toml_like(content: bytes, dice: random.Random, tree: Any) -> bytes:
    """TOML changed as a tree, `tree` being what it holds, or as text."""
    kind = dice.random()
    if kind < 0.55:
        return _as_toml(bent_tree(tree, dice)).encode("utf-8", "surrogatepass")
    if kind < 0.85:
        return _bent_toml(content.decode(), dice).encode("utf-8", "surrogatepass")
    return bent_bytes(content, dice)


def _bent_toml(text: str, dice: random.Random) -> str:
    lines, depth = text.split("\n"), dice.choice(DEPTHS)
    at = dice.randrange(len(lines) + 1)
    deep = (
        "a" + ".a" * depth + " = 1",
        "a" + " . a" * depth + " = 1",
        "[" + "a." * depth + "a]",
        "[[" + "a." * min(depth, 5000) + "a]]",
        "a = " + "[" * depth + "]" * depth,
        "a = " + "{a = " * depth + "1" + "}" * depth,
        "a = " + "[" * depth,
        "a." * 400 + "a = {" + "b." * 400 + "b = 1}",
        "\n".join(f"a{'.a' * 300}.b{number} = 1" for number in range(min(depth, 300))),
        "\n".join(f"[[t]]\n[t.{'a.' * 100}b]" for _ in range(min(depth, 300))),
        "\n".join(f"k{number} = {number}" for number in range(min(depth, 20_000))),
        'a = """' + "x" * depth,
        "a = '''\n" + "\x1b[2J\n" * min(depth, 100) + "'''",
        'a = "\\u001B]0;title\\u0007"',
        'title = "\\u202Eabc\\r\\n"',
        "a = 0x" + "f" * min(depth, 5000),
        "a = " + "9" * min(depth, 6000),
        "a = 1e" + "9" * min(depth, 400),
        "a = 9999-12-31T23:59:59.999999999+23:59",
        "a = 0000-00-00",
        '"\\u001B[2J" = 1',
        '"" = 1',
        "# " + "\x7f\x01",
    )
    match dice.randrange(5):
        case 0 | 1:
            lines.insert(at, dice.choice(deep))
        case 2:
            lines.insert(at, dice.choice(lines))
        case 3:
            lines[at % len(lines)] = dice.choice(lines[at % len(lines)].split(" ")) + " = " + repr(strange(dice))[:9000]
        case _:
            dice.shuffle(lines)
    return "\n".join(lines)


def _as_toml(tree: Any) -> str:
    if not isinstance(tree, dict):
        return _toml_value(tree)
    return "".join(f"{_toml_text(str(key))} = {_toml_value(value)}\n" for key, value in tree.items())


def _toml_value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case float():
            return repr(value).replace("infinity", "inf")
        case int():
            return hex(value) if value > 10**300 else str(value)
        case str():
            return _toml_text(value)
        case datetime() | date() | time():
            return value.isoformat()
        case dict():
            return "{" + ", ".join(f"{_toml_text(str(key))} = {_toml_value(one)}" for key, one in value.items()) + "}"
        case _:
            return "[" + ", ".join(map(_toml_value, value)) + "]"


def _toml_text(text: str) -> str:
    def letter(sign: str) -> str:
        plain = sign.isprintable() and sign not in '"\\'
        return sign if plain or 0xD800 <= ord(sign) < 0xE000 else f"\\U{ord(sign):08X}"

    return '"' + "".join(map(letter, text)) + '"'


def bent_bytes(content: bytes, dice: random.Random) -> bytes:
    """One to four changes to bytes: flipped, cut, put in, repeated, swapped, or a length field made extreme."""
    data = bytearray(content)
    for _ in range(dice.choice((1, 1, 2, 4))):
        at = dice.randrange(len(data) + 1)
        span = dice.choice((1, 2, 4, 8, 64, 1000))
        match dice.randrange(8):
            case 0 if data:
                data[at % len(data)] ^= 1 << dice.randrange(8)
            case 1:
                del data[at:]
            case 2:
                del data[at : at + span]
            case 3:
                data[at:at] = dice.choice(TEXTS).encode("utf-8", "surrogatepass")
            case 4:
                data[at:at] = data[at : at + span] * dice.choice((1, 2, 50))
            case 5:
                data[at : at + span] = bytes(dice.randrange(256) for _ in range(len(data[at : at + span])))
            case 6:
                width = dice.choice((1, 2, 4, 8))
                length = dice.choice(LENGTHS) & ((1 << 8 * width) - 1)
                data[at : at + width] = length.to_bytes(width, dice.choice(("little", "big")))
            case _:
                other = dice.randrange(len(data) + 1)
                data[at : at + span], data[other : other + span] = data[other : other + span], data[at : at + span]
    return bytes(data)


def bent_text(text: str, dice: random.Random) -> str:
    """Lines and words repeated, swapped, dropped, or with strange texts between them."""
    lines = text.split("\n")
    for _ in range(dice.choice((1, 2, 4))):
        at = dice.randrange(len(lines))
        match dice.randrange(6):
            case 0:
                lines.insert(at, dice.choice(TEXTS))
            case 1:
                lines.insert(at, dice.choice(lines))
            case 2 if len(lines) > 1:
                del lines[at]
            case 3:
                words = lines[at].split(" ")
                dice.shuffle(words)
                lines[at] = " ".join(words)
            case 4:
                split = dice.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:split] + dice.choice(TEXTS) + lines[at][split:]
            case _:
                opening, closing = dice.choice(
                    (("(", ")"), ("[", "]"), ("{", "}"), ("lambda: ", ""), ("-", ""), ("x.", "x"))
                )
                depth = dice.choice(DEPTHS[:5])
                lines[at] += opening * depth + dice.choice(("", "1" + closing * depth))
    return "\n".join(lines)


def some(items: Sequence[Any], dice: random.Random) -> Any:
    """One of a sequence."""
    return items[dice.randrange(len(items))]
