"""Which part of a figure is seen, and how large."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.plots.framing import CLOSEST, STEP, View, framed, moved, zoomed

SIZES = st.tuples(st.integers(1, 6000), st.integers(1, 6000))
BOXES = st.tuples(st.integers(1, 300), st.integers(1, 100))
CELLS = st.tuples(st.integers(1, 40), st.integers(1, 80))
VIEWS = st.builds(View, st.floats(1, CLOSEST), st.floats(0, 1), st.floats(0, 1))


@given(SIZES, BOXES, CELLS, VIEWS)
def test_a_frame_lies_within_the_figure_and_the_window(
    figure: tuple[int, int], box: tuple[int, int], cell: tuple[int, int], view: View
) -> None:
    part, pixels, cells = framed(figure, box, cell, view)
    for axis in (0, 1):
        assert -1e-6 <= part[axis] < part[axis + 2] <= figure[axis] + 1e-6
        assert 1 <= cells[axis] <= box[axis]
        assert 1 <= pixels[axis] <= cells[axis] * cell[axis]


def test_a_whole_figure_keeps_its_shape() -> None:
    assert framed((960, 720), (100, 20), (10, 20), View()).pixels == (533, 400)
    assert framed((960, 720), (100, 20), (10, 20), View()).part == (0, 0, 960, 720)
    # It isn't enlarged without end.
    assert framed((10, 10), (100, 20), (10, 20), View()).pixels == (20, 20)


def test_nearer_and_farther() -> None:
    near = zoomed(View(), STEP)
    assert near.zoom == STEP
    part, pixels, _ = framed((960, 720), (100, 20), (10, 20), zoomed(View(), 4))
    assert pixels == (1000, 400)
    assert part[2] - part[0] == pytest.approx(1000 / (4 * 400 / 720))
    assert zoomed(near, 1 / STEP) == View()
    assert zoomed(View(), 1000).zoom == CLOSEST


def test_moving_stops_at_the_edges() -> None:
    near = View(zoom=4)
    for _ in range(50):
        near = moved(near, (960, 720), (100, 20), (10, 20), (1, 1))
    ends = framed((960, 720), (100, 20), (10, 20), near).part
    assert ends[2:] == pytest.approx((960, 720))
    back = moved(near, (960, 720), (100, 20), (10, 20), (-1, 0))
    # At the edge a step back is a step at once.
    assert framed((960, 720), (100, 20), (10, 20), back).part[0] < ends[0]
