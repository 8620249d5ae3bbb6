"""Recording against recording: alignment, differences, noise, verdicts and the reports about them."""

from compare.diff import Judge, compare_recordings, compare_trees
from compare.difference import Comparison, Difference
from compare.surfaces import SURFACES, surface_of

__all__ = ["SURFACES", "Comparison", "Difference", "Judge", "compare_recordings", "compare_trees", "surface_of"]
