"""Renders a human hand of capsules (the palm is about 1 tall), lit by one lamp."""

from __future__ import annotations

import math
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

Pose = Literal["paper", "rock", "scissors"]
MIDDLE = (0.0, 0.2, 0.0)  # which point of the hand is in the middle of the picture

SKINS = (
    (1.00, 0.86, 0.74),
    (0.95, 0.77, 0.64),
    (0.88, 0.68, 0.52),
    (0.78, 0.54, 0.37),
    (0.57, 0.35, 0.23),
    (0.38, 0.25, 0.17),
    (0.29, 0.19, 0.14),
)
FOREARM = 0  # the forearm is the first capsule: a sleeve may cover it


def hand(pose: Pose, rng: np.random.Generator) -> list[Capsule]:
    """A right hand seen from the palm side: palm in the xy plane, fingers along +y, palm facing +z, thumb at -x."""
    width, length, thickness = rng.uniform(0.92, 1.08), rng.uniform(0.92, 1.12), rng.uniform(0.9, 1.12)
    knuckles = [(x * width, y) for x, y in ((-0.33, 0.40), (-0.11, 0.46), (0.11, 0.45), (0.32, 0.36))]
    wrist_drift = (rng.uniform(-0.08, 0.08), rng.uniform(-0.1, 0.1))
    capsules = [Capsule((0, -0.45, 0), (wrist_drift[0], -1.7, wrist_drift[1]), 0.19 * thickness, 0.22 * thickness)]
    capsules += [Capsule((x * 0.62, -0.42, 0), (x, y, 0), 0.155 * thickness, 0.135 * thickness) for x, y in knuckles]
    capsules.append(Capsule((-0.2 * width, -0.40, 0), (0.2 * width, -0.40, 0), 0.15 * thickness, 0.15 * thickness))
    capsules += _fingers(pose, knuckles, length, thickness, rng)
    capsules += _thumb(pose, width, length, thickness, rng)
    return capsules


def _fingers(
    pose: Pose, knuckles: list[tuple[float, float]], length: float, thickness: float, rng: np.random.Generator
) -> list[Capsule]:
    lengths, radii = (0.62, 0.72, 0.66, 0.52), (0.105, 0.11, 0.105, 0.092)
    curled = {"paper": (0, 0, 0, 0), "rock": (1, 1, 1, 1), "scissors": (0, 0, 1, 1)}[pose]
    spread = {"paper": rng.uniform(0.03, 0.22), "rock": 0.02, "scissors": rng.uniform(0.10, 0.26)}[pose]
    capsules = []
    for finger, (x, y) in enumerate(knuckles):
        fan = (finger - 1.5) / 1.5 * spread
        if pose == "scissors":
            fan = (-spread, 0.9 * spread, 0.0, 0.0)[finger]
        angle = fan + rng.normal(0, 0.025)
        if curled[finger]:
            bends = (rng.uniform(1.35, 1.65), rng.uniform(1.5, 1.8), rng.uniform(1.0, 1.3))
        else:
            bends = (rng.uniform(-0.12, 0.25), rng.uniform(0, 0.22), rng.uniform(0, 0.18))
        reach, radius = lengths[finger] * length, radii[finger] * thickness
        capsules += _bent_finger((x, y, 0.0), angle, bends, reach, radius)
    return capsules


def _bent_finger(
    base: Vector, angle: float, bends: tuple[float, float, float], reach: float, radius: float
) -> list[Capsule]:
    capsules, bend = [], 0.0
    for joint, share in enumerate((0.45, 0.31, 0.24)):
        bend += bends[joint]
        forward, out = math.cos(bend) * share * reach, math.sin(bend) * share * reach
        tip = (base[0] + math.sin(angle) * forward, base[1] + math.cos(angle) * forward, base[2] + out)
        capsules.append(Capsule(base, tip, radius * (1 - 0.07 * joint), radius * (0.93 - 0.07 * joint)))
        base = tip
    return capsules


def _thumb(pose: Pose, width: float, length: float, thickness: float, rng: np.random.Generator) -> list[Capsule]:
    radius = 0.118 * thickness
    if pose == "paper":
        lean = rng.uniform(0.55, 1.0)
        root = (-0.24 * width, -0.22, 0.04)
        joint = step_towards(root, (-math.sin(lean), math.cos(lean), 0.12), 0.36 * length)
        lean -= rng.uniform(0.05, 0.4)
        tip = step_towards(joint, (-math.sin(lean), math.cos(lean), 0.08), 0.34 * length)
    else:
        root = (-0.26 * width, -0.20, 0.08)
        joint = (root[0] - 0.04 * length, root[1] + 0.28 * length, root[2] + 0.22 * length)
        rest = (rng.uniform(-0.02, 0.16), 0.26, 0.36)
        tip = step_towards(joint, (rest[0] - joint[0], rest[1] - joint[1], rest[2] - joint[2]), 0.33 * length)
    return [Capsule(root, joint, radius * 1.15, radius), Capsule(joint, tip, radius, radius * 0.83)]


def shade(
    x: Array, y: Array, z: Array, capsules: list[Capsule], rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Red, green and blue (0 to 1) of the surface points: skin and perhaps a sleeve under one lamp."""
    nx, ny, nz = normals(x, y, z, capsules)
    lamp = step_towards((0, 0, 0), (rng.uniform(-0.7, 0.7), rng.uniform(0.2, 0.9), rng.uniform(0.6, 1.1)), 1.0)
    half = step_towards((0, 0, 0), (lamp[0], lamp[1], lamp[2] + 1), 1.0)
    reach = np.float32(0.12)
    open_sky = distance_to_solid(x + nx * reach, y + ny * reach, z + nz * reach, capsules) / reach
    open_sky = np.minimum(np.maximum(open_sky, np.float32(0.35)), np.float32(1))
    diffuse = np.maximum(nx * np.float32(lamp[0]) + ny * np.float32(lamp[1]) + nz * np.float32(lamp[2]), np.float32(0))
    gloss = np.maximum(nx * np.float32(half[0]) + ny * np.float32(half[1]) + nz * np.float32(half[2]), np.float32(0))
    for _ in range(5):
        gloss = gloss * gloss
    light = (np.float32(0.42) + np.float32(0.68) * diffuse) * open_sky
    skin = SKINS[rng.integers(len(SKINS))]
    tint = rng.uniform(0.92, 1.06)
    skin_colour = [min(max(part * tint + rng.normal(0, 0.012), 0.0), 1.0) for part in skin]
    sleeve = _sleeved(x, y, z, capsules, cuff=rng.uniform(0.2, 0.6), worn=rng.random() < 0.5)
    sleeve_colour = [rng.uniform(0.1, 0.9) for _ in range(3)]
    red, green, blue = (
        np.where(sleeve, np.float32(cloth) * light, np.float32(bare) * light + np.float32(0.10) * gloss)
        for bare, cloth in zip(skin_colour, sleeve_colour, strict=True)
    )
    return red, green, blue


def _sleeved(x: Array, y: Array, z: Array, capsules: list[Capsule], cuff: float, worn: bool) -> Array:
    if not worn:
        return np.zeros(x.shape, bool)
    distance, along = distance_to_capsule(x, y, z, capsules[FOREARM])
    return (distance < np.float32(0.03)) & (along > np.float32(cuff))


def render(capsules: list[Capsule], view: View, rng: np.random.Generator, size: int) -> Image.Image:
    """A picture of `size` × `size` pixels, each the mean of four rays, on a plain background."""
    seen = held(capsules, view, MIDDLE)
    x, y = plane(view.half_width, size)
    hit, z = march(x, y, seen)
    grey = rng.uniform(0.86, 1.0)
    background = [grey] * 3 if rng.random() < 0.7 else [rng.uniform(0.35, 1.0) for _ in range(3)]
    rays = size * 2
    fade = np.float32(0.08 * rng.random()) * np.repeat(np.arange(rays, dtype=np.float32) / np.float32(rays), rays)
    colours = shade(x[hit], y[hit], z[hit], seen, rng)
    channels = []
    for part, colour in zip(background, colours, strict=True):
        channel = np.float32(part) * (np.float32(1) - fade)
        channel[hit] = colour
        channels.append(channel)
    return picture(channels, size)
