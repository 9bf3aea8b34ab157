"""Renders solids made of capsules: joined smoothly, sphere-traced with NumPy, seen from above along z.

Written for this project, so that its image problems need no one else's pictures. Every array operation is one that IEEE
754 rounds exactly (no exp, no matrix products), in a fixed order: the same seed gives the same pixels on any machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

Array = np.ndarray
Vector = tuple[float, float, float]

BLEND = np.float32(0.075)  # how far the smooth union reaches, in units of the solid
EYE_HEIGHT = np.float32(3.0)
MARCH_STEPS = 48


@dataclass(frozen=True)
class Capsule:
    """A cone with round ends, from `start` to `end`; radii in the units of the solid."""

    start: Vector
    end: Vector
    start_radius: float
    end_radius: float


@dataclass(frozen=True)
class View:
    """How the camera sees the solid: turn about z, tilt about x, roll about y (radians), size and offset."""

    turn: float
    tilt: float
    roll: float
    half_width: float
    offset: tuple[float, float]
    left: bool


def step_towards(start: Vector, direction: Vector, distance: float) -> Vector:
    step = distance / math.sqrt(sum(part * part for part in direction))
    return (start[0] + direction[0] * step, start[1] + direction[1] * step, start[2] + direction[2] * step)


def held(capsules: list[Capsule], view: View, middle: Vector) -> list[Capsule]:
    """The capsules as the camera sees them: mirrored if left, rolled, tilted, turned, `middle` in the centre."""
    centre = _turned(middle, view)

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


def distance_to_solid(x: Array, y: Array, z: Array, capsules: list[Capsule]) -> Array:
    """Distance to the smooth union of all capsules (I. Quilez' quadratic polynomial minimum)."""
    distance = distance_to_capsule(x, y, z, capsules[0])[0]
    for capsule in capsules[1:]:
        other = distance_to_capsule(x, y, z, capsule)[0]
        overlap = np.maximum(BLEND - np.abs(distance - other), np.float32(0)) / BLEND
        distance = np.minimum(distance, other) - overlap * overlap * BLEND * np.float32(0.25)
    return distance


def march(x: Array, y: Array, capsules: list[Capsule]) -> tuple[Array, Array]:
    """Follows a ray straight down from each (x, y): which rays hit the solid, and the height where they do."""
    height = np.full(x.shape, EYE_HEIGHT, np.float32)
    hit = np.zeros(x.shape, bool)
    alive = np.arange(x.size)
    for _ in range(MARCH_STEPS):
        distance = distance_to_solid(x[alive], y[alive], height[alive], capsules)
        height[alive] -= distance * np.float32(0.9)
        hit[alive[distance < np.float32(0.005)]] = True
        alive = alive[(distance >= np.float32(0.005)) & (height[alive] > -EYE_HEIGHT)]
        if not alive.size:
            break
    return hit, height


def normals(x: Array, y: Array, z: Array, capsules: list[Capsule]) -> tuple[Array, Array, Array]:
    step = np.float32(0.004)
    nx = distance_to_solid(x + step, y, z, capsules) - distance_to_solid(x - step, y, z, capsules)
    ny = distance_to_solid(x, y + step, z, capsules) - distance_to_solid(x, y - step, z, capsules)
    nz = distance_to_solid(x, y, z + step, capsules) - distance_to_solid(x, y, z - step, capsules)
    size = np.sqrt(nx * nx + ny * ny + nz * nz) + np.float32(1e-9)
    return nx / size, ny / size, nz / size


def plane(half_width: float, size: int) -> tuple[Array, Array]:
    """x and y of four rays a pixel, row by row from the top left, for a picture of `size` × `size` pixels."""
    rays = size * 2
    axis = ((np.arange(rays, dtype=np.float32) + np.float32(0.5)) / np.float32(rays) * 2 - 1) * np.float32(half_width)
    return np.tile(axis, rays), np.repeat(-axis, rays)


def picture(channels: list[Array], size: int) -> Image.Image:
    """The picture whose pixels are each the mean of four rays; values beyond 0 to 1 are cut off."""
    means = []
    for channel in channels:
        quads = np.minimum(np.maximum(channel, np.float32(0)), np.float32(1)).reshape(size, 2, size, 2)
        mean = ((quads[:, 0, :, 0] + quads[:, 0, :, 1]) + (quads[:, 1, :, 0] + quads[:, 1, :, 1])) * np.float32(0.25)
        means.append((mean * np.float32(255) + np.float32(0.5)).astype(np.uint8))
    return Image.fromarray(np.stack(means, axis=-1))
