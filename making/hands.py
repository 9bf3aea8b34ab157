"""Renders a human hand: capsules joined smoothly, sphere-traced with NumPy, lit by one lamp.

Written for this project, so that its image problems need nobody else's pictures. Every array operation is one that IEEE
754 rounds exactly (no exp, no matrix products), in a fixed order: the same seed gives the same pixels on any machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

Pose = Literal["paper", "rock", "scissors"]
Array = np.ndarray
Vector = tuple[float, float, float]

SKINS = (
    (1.00, 0.86, 0.74),
    (0.95, 0.77, 0.64),
    (0.88, 0.68, 0.52),
    (0.78, 0.54, 0.37),
    (0.57, 0.35, 0.23),
    (0.38, 0.25, 0.17),
    (0.29, 0.19, 0.14),
)
BLEND = np.float32(0.075)  # how far the smooth union reaches, in hand widths
EYE_HEIGHT = np.float32(3.0)
MARCH_STEPS = 48
FOREARM = 0  # the forearm is the first capsule: a sleeve may cover it


@dataclass(frozen=True)
class Capsule:
    """A cone with round ends, from `start` to `end`; radii in the units of the hand (the palm is about 1 tall)."""

    start: Vector
    end: Vector
    start_radius: float
    end_radius: float


@dataclass(frozen=True)
class View:
    """How the hand is held before the camera: turn about z, tilt about x, roll about y (radians), size and offset."""

    turn: float
    tilt: float
    roll: float
    half_width: float
    offset: tuple[float, float]
    left: bool


def hand(pose: Pose, rng: np.random.Generator) -> list[Capsule]:
    """A right hand seen from its palm: palm in the xy plane, fingers along +y, palm facing +z, thumb at -x."""
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
        joint = _along(root, (-math.sin(lean), math.cos(lean), 0.12), 0.36 * length)
        lean -= rng.uniform(0.05, 0.4)
        tip = _along(joint, (-math.sin(lean), math.cos(lean), 0.08), 0.34 * length)
    else:
        root = (-0.26 * width, -0.20, 0.08)
        joint = (root[0] - 0.04 * length, root[1] + 0.28 * length, root[2] + 0.22 * length)
        rest = (rng.uniform(-0.02, 0.16), 0.26, 0.36)
        tip = _along(joint, (rest[0] - joint[0], rest[1] - joint[1], rest[2] - joint[2]), 0.33 * length)
    return [Capsule(root, joint, radius * 1.15, radius), Capsule(joint, tip, radius, radius * 0.83)]


def _along(start: Vector, direction: Vector, distance: float) -> Vector:
    step = distance / math.sqrt(sum(part * part for part in direction))
    return (start[0] + direction[0] * step, start[1] + direction[1] * step, start[2] + direction[2] * step)


def held(capsules: list[Capsule], view: View) -> list[Capsule]:
    """The capsules as the camera sees them: mirrored for a left hand, rolled, tilted, turned, centred."""
    centre = _turned((0, 0.2, 0), view)

    def place(point: Vector) -> Vector:
        x, y, z = _turned((-point[0] if view.left else point[0], point[1], point[2]), view)
        return (x - centre[0] - view.offset[0], y - centre[1] - view.offset[1], z - centre[2])

    return [Capsule(place(c.start), place(c.end), c.start_radius, c.end_radius) for c in capsules]


def _turned(point: Vector, view: View) -> Vector:
    x, y, z = point
    x, z = math.cos(view.roll) * x + math.sin(view.roll) * z, math.cos(view.roll) * z - math.sin(view.roll) * x
    y, z = math.cos(view.tilt) * y - math.sin(view.tilt) * z, math.sin(view.tilt) * y + math.cos(view.tilt) * z
    x, y = math.cos(view.turn) * x - math.sin(view.turn) * y, math.sin(view.turn) * x + math.cos(view.turn) * y
    return (x, y, z)


def distance_to_capsule(x: Array, y: Array, z: Array, capsule: Capsule) -> tuple[Array, Array]:
    """Distance of each point to the capsule's surface, and how far along it (0 start, 1 end) the nearest point lies."""
    (ax, ay, az), (bx, by, bz) = capsule.start, capsule.end
    ux, uy, uz = np.float32(bx - ax), np.float32(by - ay), np.float32(bz - az)
    px, py, pz = x - np.float32(ax), y - np.float32(ay), z - np.float32(az)
    along = (px * ux + py * uy + pz * uz) / (ux * ux + uy * uy + uz * uz)
    along = np.minimum(np.maximum(along, np.float32(0)), np.float32(1))
    px, py, pz = px - along * ux, py - along * uy, pz - along * uz
    radius = np.float32(capsule.start_radius) + along * np.float32(capsule.end_radius - capsule.start_radius)
    return np.sqrt(px * px + py * py + pz * pz) - radius, along


def distance_to_hand(x: Array, y: Array, z: Array, capsules: list[Capsule]) -> Array:
    """Distance to the smooth union of all capsules (I. Quilez' quadratic polynomial minimum)."""
    distance = distance_to_capsule(x, y, z, capsules[0])[0]
    for capsule in capsules[1:]:
        other = distance_to_capsule(x, y, z, capsule)[0]
        overlap = np.maximum(BLEND - np.abs(distance - other), np.float32(0)) / BLEND
        distance = np.minimum(distance, other) - overlap * overlap * BLEND * np.float32(0.25)
    return distance


def march(x: Array, y: Array, capsules: list[Capsule]) -> tuple[Array, Array]:
    """Follows a ray straight down from each (x, y): which rays hit the hand, and the height where they do."""
    height = np.full(x.shape, EYE_HEIGHT, np.float32)
    hit = np.zeros(x.shape, bool)
    alive = np.arange(x.size)
    for _ in range(MARCH_STEPS):
        distance = distance_to_hand(x[alive], y[alive], height[alive], capsules)
        height[alive] -= distance * np.float32(0.9)
        hit[alive[distance < np.float32(0.005)]] = True
        alive = alive[(distance >= np.float32(0.005)) & (height[alive] > -EYE_HEIGHT)]
        if not alive.size:
            break
    return hit, height


def shade(
    x: Array, y: Array, z: Array, capsules: list[Capsule], rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Red, green and blue (0 to 1) of the surface points: skin and perhaps a sleeve under one lamp."""
    nx, ny, nz = _normals(x, y, z, capsules)
    lamp = _along((0, 0, 0), (rng.uniform(-0.7, 0.7), rng.uniform(0.2, 0.9), rng.uniform(0.6, 1.1)), 1.0)
    half = _along((0, 0, 0), (lamp[0], lamp[1], lamp[2] + 1), 1.0)
    reach = np.float32(0.12)
    open_sky = distance_to_hand(x + nx * reach, y + ny * reach, z + nz * reach, capsules) / reach
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


def _normals(x: Array, y: Array, z: Array, capsules: list[Capsule]) -> tuple[Array, Array, Array]:
    step = np.float32(0.004)
    nx = distance_to_hand(x + step, y, z, capsules) - distance_to_hand(x - step, y, z, capsules)
    ny = distance_to_hand(x, y + step, z, capsules) - distance_to_hand(x, y - step, z, capsules)
    nz = distance_to_hand(x, y, z + step, capsules) - distance_to_hand(x, y, z - step, capsules)
    size = np.sqrt(nx * nx + ny * ny + nz * nz) + np.float32(1e-9)
    return nx / size, ny / size, nz / size


def _sleeved(x: Array, y: Array, z: Array, capsules: list[Capsule], cuff: float, worn: bool) -> Array:
    if not worn:
        return np.zeros(x.shape, bool)
    distance, along = distance_to_capsule(x, y, z, capsules[FOREARM])
    return (distance < np.float32(0.03)) & (along > np.float32(cuff))


def render(capsules: list[Capsule], view: View, rng: np.random.Generator, size: int) -> Image.Image:
    """A picture of `size` × `size` pixels, each the mean of four rays, on a plain background."""
    seen = held(capsules, view)
    rays = size * 2
    axis = ((np.arange(rays, dtype=np.float32) + np.float32(0.5)) / np.float32(rays) * 2 - 1) * np.float32(
        view.half_width
    )
    x, y = np.tile(axis, rays), np.repeat(-axis, rays)
    hit, z = march(x, y, seen)
    grey = rng.uniform(0.86, 1.0)
    background = [grey] * 3 if rng.random() < 0.7 else [rng.uniform(0.35, 1.0) for _ in range(3)]
    fade = np.float32(0.08 * rng.random()) * np.repeat(np.arange(rays, dtype=np.float32) / np.float32(rays), rays)
    colours = shade(x[hit], y[hit], z[hit], seen, rng)
    channels = []
    for part, colour in zip(background, colours, strict=True):
        channel = np.float32(part) * (np.float32(1) - fade)
        channel[hit] = colour
        quads = np.minimum(np.maximum(channel, np.float32(0)), np.float32(1)).reshape(size, 2, size, 2)
        mean = ((quads[:, 0, :, 0] + quads[:, 0, :, 1]) + (quads[:, 1, :, 0] + quads[:, 1, :, 1])) * np.float32(0.25)
        channels.append((mean * np.float32(255) + np.float32(0.5)).astype(np.uint8))
    return Image.fromarray(np.stack(channels, axis=-1))
