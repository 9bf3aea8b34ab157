"""Renders a horse or a person of capsules in a meadow, seen from any side; about 1 high at a horse's shoulder."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from capsules import (
    Array,
    Capsule,
    Vector,
    View,
    distance_to_capsule,
    distance_to_solid,
    held,
    march,
    normals,
    picture,
    plane,
    step_towards,
)
from PIL import Image

Being = Literal["horse", "person"]
Colour = tuple[float, float, float]

COATS: tuple[Colour, ...] = (
    (0.45, 0.26, 0.13),
    (0.30, 0.18, 0.11),
    (0.62, 0.38, 0.18),
    (0.80, 0.68, 0.48),
    (0.88, 0.86, 0.82),
    (0.55, 0.55, 0.56),
    (0.13, 0.12, 0.12),
)
SKINS: tuple[Colour, ...] = (
    (0.95, 0.78, 0.65),
    (0.86, 0.65, 0.50),
    (0.72, 0.50, 0.34),
    (0.50, 0.32, 0.21),
    (0.33, 0.22, 0.15),
)
HAIRS: tuple[Colour, ...] = ((0.10, 0.08, 0.07), (0.28, 0.17, 0.10), (0.62, 0.45, 0.22), (0.70, 0.70, 0.70))


@dataclass(frozen=True)
class Part:
    """A capsule and its colour."""

    capsule: Capsule
    colour: Colour


def limb(joints: list[Vector], radii: list[float], colours: list[Colour]) -> list[Part]:
    """Capsules from joint to joint: one radius a joint, one colour a capsule."""
    return [
        Part(Capsule(start, end, thick, thin), colour)
        for start, end, thick, thin, colour in zip(joints, joints[1:], radii, radii[1:], colours, strict=False)
    ]


def swung(start: Vector, angle: float, length: float, sideways: float = 0.0) -> Vector:
    """The point `length` below `start`, swung forwards (+x) by `angle` and outwards (+z) by `sideways` radians."""
    down = math.cos(angle) * math.cos(sideways)
    return (
        start[0] + math.sin(angle) * length,
        start[1] - down * length,
        start[2] + math.cos(angle) * math.sin(sideways) * length,
    )


def horse(rng: np.random.Generator) -> list[Part]:
    """A horse that faces +x: standing, walking or grazing."""
    coat = COATS[rng.integers(len(COATS))]
    mane = coat if rng.random() < 0.3 else HAIRS[rng.integers(len(HAIRS))]
    socks = (0.9, 0.88, 0.84) if rng.random() < 0.25 else coat
    stout, leg = rng.uniform(0.88, 1.15), rng.uniform(0.9, 1.1)
    back = 0.92 * leg
    chest, rump = (0.38, back, 0.0), (-0.42, back + 0.02, 0.0)
    parts = [
        Part(Capsule(rump, chest, 0.245 * stout, 0.235 * stout), coat),
        Part(Capsule((-0.48, back - 0.02, 0), (-0.40, back - 0.10, 0), 0.24 * stout, 0.2 * stout), coat),
    ]
    raised = rng.uniform(-0.75, -0.2) if rng.random() < 0.25 else rng.uniform(0.3, 1.15)
    withers = (0.46, back + 0.08, 0.0)
    poll = (withers[0] + math.cos(raised) * 0.56, withers[1] + math.sin(raised) * 0.56, rng.uniform(-0.12, 0.12))
    nod = raised - rng.uniform(1.1, 1.7) if raised > 0 else raised - rng.uniform(0.2, 0.7)
    muzzle = (poll[0] + math.cos(nod) * 0.36, poll[1] + math.sin(nod) * 0.36, poll[2] * 1.3)
    parts += limb([withers, poll, muzzle], [0.185 * stout, 0.115, 0.068], [coat, coat])
    for side in (-0.06, 0.06):
        ear = (poll[0] - 0.02, poll[1] + 0.15, poll[2] + side * 1.3)
        parts.append(Part(Capsule((poll[0], poll[1] + 0.07, poll[2] + side), ear, 0.035, 0.015), coat))
    crest = (withers[0] - 0.09, withers[1] + 0.14, 0.0)
    parts.append(Part(Capsule(crest, (poll[0] - 0.08, poll[1] + 0.07, poll[2]), 0.05, 0.05), mane))
    dock, swish = (-0.66, back + 0.1, 0.0), rng.uniform(-0.2, 0.2)
    parts += limb(
        [dock, (-0.80, back - 0.15, swish / 2), (-0.82, back - 0.52, swish)], [0.05, 0.06, 0.035], [mane, mane]
    )
    stride = rng.uniform(0.0, 0.55)
    for x, z, phase in ((0.36, -0.13, 1), (0.36, 0.13, -1), (-0.46, -0.13, -0.8), (-0.46, 0.13, 0.8)):
        swing = phase * stride * rng.uniform(0.5, 1.0)
        knee = swung((x, back - 0.14, z), swing, 0.36 * leg)
        hoof = swung(knee, swing - rng.uniform(0.0, 0.7) * stride, 0.42 * leg)
        parts += limb([(x, back - 0.1, z), knee, hoof], [0.105, 0.058, 0.055], [coat, socks])
    return parts


def person(rng: np.random.Generator) -> list[Part]:
    """A person who faces +x: standing, walking, waving, bending or crouching."""
    skin, hair = SKINS[rng.integers(len(SKINS))], HAIRS[rng.integers(len(HAIRS))]
    shirt, trousers = _cloth(rng), _cloth(rng)
    shoes = _cloth(rng)
    width, tall = rng.uniform(0.85, 1.2), rng.uniform(0.85, 1.1)
    crouched = rng.uniform(0.6, 1.1) if rng.random() < 0.25 else 0.0
    bent = rng.uniform(0.5, 1.5) if rng.random() < 0.3 else rng.uniform(-0.1, 0.2)
    thigh, shin = 0.42 * tall, 0.42 * tall
    hip = (0.0, math.cos(crouched) * (thigh + shin) + 0.07, 0.0)
    chest = (math.sin(bent) * 0.42 * tall, hip[1] + math.cos(bent) * 0.42 * tall, 0.0)
    parts = [Part(Capsule(hip, chest, 0.135 * width, 0.15 * width), shirt)]
    parts.append(
        Part(Capsule((chest[0], chest[1], -0.13 * width), (chest[0], chest[1], 0.13 * width), 0.11, 0.11), shirt)
    )
    lean = bent * rng.uniform(0.4, 0.9)
    neck = (chest[0] + math.sin(bent) * 0.14, chest[1] + math.cos(bent) * 0.14, 0.0)
    head = (neck[0] + math.sin(lean) * 0.17, neck[1] + math.cos(lean) * 0.17, 0.0)
    parts += limb([chest, neck, head], [0.07, 0.06, 0.125], [skin, skin])
    cap = (head[0] - math.cos(lean) * 0.035, head[1] + 0.05, 0.0)
    fall = rng.uniform(0.05, 0.32)
    parts.append(Part(Capsule(cap, (cap[0] - 0.06, cap[1] - fall, 0), 0.125, 0.09), hair))
    stride = rng.uniform(0.0, 0.6)
    for side in (-1, 1):
        swing = side * stride * rng.uniform(0.6, 1.0)
        root = (hip[0], hip[1], side * 0.085 * width)
        knee = swung(root, crouched + swing, thigh, side * 0.05)
        foot = swung(knee, swing * 0.6 - crouched - rng.uniform(0, 0.3) * stride, shin)
        toe = (foot[0] + 0.14, foot[1] - 0.02, foot[2])
        parts += limb([root, knee, foot, toe], [0.105 * width, 0.075, 0.055, 0.045], [trousers, trousers, shoes])
        shoulder = (chest[0], chest[1], side * 0.19 * width)
        lift = rng.uniform(1.6, 2.9) if rng.random() < 0.2 else rng.uniform(-0.5, 0.7) - side * stride * 0.5
        elbow = swung(shoulder, lift, 0.28 * tall, side * rng.uniform(0.1, 0.6))
        wrist = swung(elbow, lift + rng.uniform(0.0, 1.0), 0.27 * tall, side * rng.uniform(-0.2, 0.3))
        sleeve = shirt if rng.random() < 0.6 else skin
        parts += limb([shoulder, elbow, wrist], [0.068, 0.052, 0.045], [shirt, sleeve])
        parts.append(Part(Capsule(wrist, (wrist[0], wrist[1] - 0.04, wrist[2]), 0.05, 0.045), skin))
    return parts


def _cloth(rng: np.random.Generator) -> Colour:
    """Any colour of cloth; a third of them are the browns and greys of horses."""
    if rng.random() < 0.35:
        return COATS[rng.integers(len(COATS))]
    return (rng.uniform(0.1, 0.95), rng.uniform(0.1, 0.95), rng.uniform(0.1, 0.95))


def things(rng: np.random.Generator) -> list[Part]:
    """Up to four posts, logs and boulders around the being, so that a dark shape alone says nothing."""
    parts = []
    for _ in range(rng.integers(0, 5)):
        x, z = rng.choice((-1, 1)) * rng.uniform(0.5, 1.5), rng.uniform(-1.2, 0.4)
        grey = rng.uniform(0.2, 0.7)
        colour = (grey, grey * rng.uniform(0.75, 1.0), grey * rng.uniform(0.5, 1.0))
        kind, size = rng.integers(3), rng.uniform(0.7, 1.4)
        if kind == 0:
            parts.append(Part(Capsule((x, 0, z), (x, 0.9 * size, z), 0.05, 0.05), colour))
        elif kind == 1:
            parts.append(Part(Capsule((x - 0.4 * size, 0.1, z), (x + 0.4 * size, 0.1, z), 0.1, 0.1), colour))
        else:
            parts.append(Part(Capsule((x, 0.05, z), (x + 0.1, 0.1, z), 0.22 * size, 0.17 * size), colour))
    return parts


def render(being: Being, rng: np.random.Generator, size: int) -> Image.Image:
    """A picture of `size` × `size` pixels: sky, a meadow, things in it, and the being."""
    figure = horse(rng) if being == "horse" else person(rng)
    heading = rng.uniform(-math.pi, math.pi)
    middle = (0.05, 0.78, 0.0) if being == "horse" else (0.1, 0.85, 0.0)
    scale = rng.uniform(1.15, 1.9)
    offset = (rng.uniform(-0.25, 0.25), rng.uniform(-0.2, 0.2))
    tilt = rng.uniform(0.0, 0.35)
    view = View(rng.normal(0, 0.06), tilt, heading, scale, offset, bool(rng.random() < 0.5))
    around = View(view.turn, tilt, 0.0, scale, offset, left=False)
    parts = [Part(c, p.colour) for p, c in zip(figure, held([p.capsule for p in figure], view, middle), strict=True)]
    others = things(rng)
    placed = held([p.capsule for p in others], around, middle) if others else []
    parts += [Part(c, p.colour) for p, c in zip(others, placed, strict=True)]
    x, y = plane(scale, size)
    solid = [part.capsule for part in parts]
    hit, z = march(x, y, solid)
    channels = meadow(y, scale, rng)
    lit = shade(x[hit], y[hit], z[hit], parts, rng)
    for channel, colour in zip(channels, lit, strict=True):
        channel[hit] = colour
    return picture(channels, size)


def meadow(y: Array, scale: float, rng: np.random.Generator) -> list[Array]:
    """Red, green and blue of the background at each height: sky above a horizon, ground below."""
    horizon = np.float32(rng.uniform(-0.5, 0.35) * scale)
    sky = (rng.uniform(0.45, 0.95), rng.uniform(0.6, 0.97), rng.uniform(0.7, 1.0))
    ground = (rng.uniform(0.2, 0.75), rng.uniform(0.3, 0.75), rng.uniform(0.1, 0.5))
    height = (y - horizon) / np.float32(2 * scale)
    above = y > horizon
    fade = np.minimum(np.abs(height) * np.float32(rng.uniform(0.0, 0.6)), np.float32(0.5))
    return [
        np.where(
            above, np.float32(high) * (np.float32(1) - fade * np.float32(0.5)), np.float32(low) * (np.float32(1) - fade)
        )
        for high, low in zip(sky, ground, strict=True)
    ]


def shade(x: Array, y: Array, z: Array, parts: list[Part], rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Red, green and blue (0 to 1) of the surface points under one lamp: each has the colour of the nearest part."""
    solid = [part.capsule for part in parts]
    nx, ny, nz = normals(x, y, z, solid)
    lamp = step_towards((0, 0, 0), (rng.uniform(-0.9, 0.9), rng.uniform(0.3, 1.0), rng.uniform(0.3, 1.1)), 1.0)
    diffuse = np.maximum(nx * np.float32(lamp[0]) + ny * np.float32(lamp[1]) + nz * np.float32(lamp[2]), np.float32(0))
    reach = np.float32(0.15)
    open_sky = distance_to_solid(x + nx * reach, y + ny * reach, z + nz * reach, solid) / reach
    open_sky = np.minimum(np.maximum(open_sky, np.float32(0.4)), np.float32(1))
    light = (np.float32(0.45) + np.float32(0.6) * diffuse) * open_sky
    distances = np.stack([distance_to_capsule(x, y, z, capsule)[0] for capsule in solid])
    nearest = distances.argmin(axis=0)
    colours = np.array([part.colour for part in parts], np.float32)[nearest]
    return colours[:, 0] * light, colours[:, 1] * light, colours[:, 2] * light
