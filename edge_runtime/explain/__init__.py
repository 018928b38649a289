"""Grad-CAM without automatic differentiation, and how a map lies over its photo."""
