"""A small PNG of a preview, drawn by matplotlib, for saved notebooks."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lindi_explorer.explorer.protocol import ImagePreview, LinePreview, Response

_INCHES = (6.4, 3.0)
_DPI = 80
_MOST_TRACES = 32


def draw_png(answer: Response, buffers: Sequence[bytes | memoryview]) -> bytes | None:
    """Draw what an answer shows.

    Parameters
    ----------
    answer : Response
    buffers : sequence of bytes
        As they came with it.

    Returns
    -------
    bytes or None
        None where the answer is neither traces nor a picture.
    """
    if not isinstance(answer, (LinePreview, ImagePreview)):
        return None
    # Without pyplot: nothing global, no window, and it works on any thread.
    from matplotlib.figure import Figure

    figure = Figure(figsize=_INCHES, dpi=_DPI, layout="constrained")
    axes = figure.add_subplot()
    if isinstance(answer, LinePreview):
        _draw_traces(axes, answer, buffers)
    else:
        _draw_image(axes, answer, buffers)
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def _draw_traces(axes: Any, answer: LinePreview, buffers: Sequence[bytes | memoryview]) -> None:
    """Traces stacked upwards, each in a row of its own."""
    shape = (answer.traces, answer.points)
    irregular = answer.x.step is None
    low = np.frombuffer(buffers[0], np.float32).reshape(shape)[:_MOST_TRACES]
    high = (
        low
        if len(buffers) == 1 + irregular
        else np.frombuffer(buffers[1], np.float32).reshape(shape)[:_MOST_TRACES]
    )
    at = np.frombuffer(buffers[-1], np.float64) if irregular else _regular(answer)
    row = _row_height(low, high)
    for number, (bottom, top) in enumerate(zip(low, high, strict=True)):
        offset = number * row
        axes.fill_between(at, bottom + offset, top + offset, color="0.15", linewidth=0.6)
    axes.set_xlabel(_with_unit(answer.x.label, answer.x.unit))
    axes.set_ylabel(_with_unit(answer.y.label, answer.y.unit))
    axes.margins(x=0)
    if len(low) > 1:
        axes.set_yticks([number * row for number in range(len(low))], answer.trace_labels[: len(low)])


def _regular(answer: LinePreview) -> npt.NDArray[np.float64]:
    samples = answer.first + np.arange(answer.points) * answer.samples_per_point
    return np.asarray(answer.x.start + samples * (answer.x.step or 1.0))


def _row_height(low: npt.NDArray[np.float32], high: npt.NDArray[np.float32]) -> float:
    spread = np.where(np.isfinite(high) & np.isfinite(low), high, 0).max(axis=1, initial=0) - np.where(
        np.isfinite(low), low, 0
    ).min(axis=1, initial=0)
    return float(np.median(spread)) or 1.0


def _draw_image(axes: Any, answer: ImagePreview, buffers: Sequence[bytes | memoryview]) -> None:
    """Values in viridis, or the picture's own colours."""
    size = (answer.height, answer.width)
    if answer.channels == 1:
        picture = np.frombuffer(buffers[0], np.float32).reshape(size)
        drawn = axes.imshow(picture, vmin=answer.low, vmax=answer.high, cmap="viridis", aspect="auto")
        axes.figure.colorbar(drawn, ax=axes, label=answer.unit)
    else:
        axes.imshow(np.frombuffer(buffers[0], np.uint8).reshape(*size, answer.channels))
    axes.set_xlabel(answer.column_label)
    axes.set_ylabel(answer.row_label)
    axes.set_xticks([])
    axes.set_yticks([])


def _with_unit(label: str, unit: str) -> str:
    # Names come from files; matplotlib would take dollar signs for formulas.
    text = f"{label} ({unit})" if unit else label
    return text.replace("$", r"\$")
