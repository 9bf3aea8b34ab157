"""The Plots window: the figures of programs, in pixels or blocks, and in words."""
