"""Pictures shown to the animal, a movie of calcium imaging, its cells and their traces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pynwb import H5DataIO
from pynwb.base import Images
from pynwb.image import GrayscaleImage, RGBAImage, RGBImage
from pynwb.ophys import DfOverF, ImageSegmentation, OpticalChannel, RoiResponseSeries, TwoPhotonSeries

from lindi_explorer.samples.signals import blobs, calcium, texture

if TYPE_CHECKING:
    from lindi_explorer.samples.nwb import Scale
    from lindi_explorer.samples.signals import Floats

FRAME_RATE = 15.0
N_CELLS = 9


def add_images(nwbfile: Any, rng: np.random.Generator, scale: Scale) -> None:
    """Add a gray, an RGB and an RGBA picture."""
    edge = scale.image
    gray = (255 * texture(rng, edge, edge)).astype(np.uint8)
    rgb = np.stack([texture(rng, edge, edge + 32) for _ in "rgb"], axis=-1)
    y, x = np.mgrid[-1 : 1 : edge * 1j, -1 : 1 : edge * 1j]
    window = np.clip(1.5 - 1.5 * np.hypot(x, y), 0, 1)
    grating = 0.5 + 0.5 * np.sin(20 * x)
    rgba = np.stack([grating, grating, grating, window], axis=-1)
    nwbfile.add_acquisition(
        Images(
            name="pictures",
            description="Pictures taken and shown",
            images=[
                GrayscaleImage(
                    name="craniotomy", data=gray, resolution=100.0, description="Vessels, 100 px/cm"
                ),
                RGBImage(
                    name="natural_scene", data=(255 * rgb).astype(np.uint8), description="A natural scene"
                ),
                RGBAImage(
                    name="gabor", data=(255 * rgba).astype(np.uint8), description="A grating in a window"
                ),
            ],
        )
    )


def add_imaging(nwbfile: Any, rng: np.random.Generator, scale: Scale) -> None:
    """Add a two-photon movie, the masks of its cells, and their fluorescence."""
    edge = scale.image // 2
    plane = _plane(nwbfile)
    masks, traces = blobs(rng, N_CELLS, edge), calcium(rng, scale.n_frames, N_CELLS)
    movie = TwoPhotonSeries(
        name="two_photon",
        description="Calcium imaging of layer 2/3",
        data=H5DataIO(
            _movie(rng, masks, traces),
            compression="gzip",
            chunks=(1, edge, edge),
            maxshape=(None, edge, edge),
        ),
        imaging_plane=plane,
        rate=FRAME_RATE,
        starting_time=0.0,
        unit="n.a.",
    )
    nwbfile.add_acquisition(movie)
    module = nwbfile.create_processing_module("ophys", "Cells and their fluorescence")
    segmentation = ImageSegmentation()
    module.add(segmentation)
    cells = segmentation.create_plane_segmentation(
        name="cells", description="Cells found by eye", imaging_plane=plane, reference_images=movie
    )
    cells.add_column("accepted", "Whether this is a cell")
    for mask in masks:
        cells.add_roi(image_mask=mask.astype(np.float32), accepted=bool(rng.random() < 0.8))
    spots = segmentation.create_plane_segmentation(
        name="spots", description="The same cells as lists of pixels", imaging_plane=plane
    )
    for mask in masks:
        rows, columns = np.nonzero(mask)
        pixels = zip(columns.tolist(), rows.tolist(), mask[rows, columns].tolist(), strict=True)
        spots.add_roi(pixel_mask=list(pixels))
    traces_of_cells = DfOverF()
    module.add(traces_of_cells)  # first: the table and the series that refers to it must share an ancestor
    response = RoiResponseSeries(
        name="df_over_f",
        description="Relative change of fluorescence",
        data=traces.astype(np.float32),
        rois=cells.create_roi_table_region("All cells", region=list(range(N_CELLS))),
        unit="n.a.",
        rate=FRAME_RATE,
    )
    traces_of_cells.add_roi_response_series(response)


def _plane(nwbfile: Any) -> Any:
    return nwbfile.create_imaging_plane(
        name="plane",
        description="Layer 2/3",
        device=nwbfile.create_device(name="microscope", description="A two-photon microscope"),
        optical_channel=OpticalChannel(name="green", description="GCaMP", emission_lambda=510.0),
        excitation_lambda=920.0,
        indicator="GCaMP6f",
        location="VISp",
        imaging_rate=FRAME_RATE,
        grid_spacing=[2.0, 2.0],
        grid_spacing_unit="micrometers",
        origin_coords=[1.0, 2.0, 0.3],
        origin_coords_unit="millimeters",
    )


def _movie(rng: np.random.Generator, masks: Floats, traces: Floats) -> Any:
    """Photon counts, uint16, shape (n_frames, edge, edge)."""
    background = 300 + 200 * texture(rng, *masks.shape[1:])
    cells = np.tensordot(0.4 + np.clip(traces, 0, None), masks, axes=1)
    return rng.poisson(background + 400 * cells).astype(np.uint16)
