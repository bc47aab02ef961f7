import { Button } from "../../components/button.tsx";
import { Select } from "../../components/field.tsx";
import { COLOR_MAPS } from "../../data/colormaps.ts";
import { RangeEntry } from "./range-entry.tsx";
import type { ImageState, RangeMode } from "./use-image.ts";

const MODES: readonly { value: RangeMode; label: string }[] = [
  { value: "percentiles", label: "1\u201399 %" },
  { value: "full", label: "Full" },
];

export function ImageTools({ image }: { image: ImageState }) {
  const { drawn, ranges } = image;
  return (
    <>
      {/* A picture with colours of its own has none to choose. */}
      {drawn && drawn.body.channels > 1 ? (
        <span class="lx-dim">Colours as stored</span>
      ) : (
        <ColorTools image={image} />
      )}
      <span class="lx-sep lx-wide" aria-hidden="true" />
      {ranges.map(({ setRange, ...range }) => (
        <RangeEntry key={range.label} {...range} onRange={setRange} />
      ))}
    </>
  );
}

function ColorTools({ image }: { image: ImageState }) {
  const { map, setMap, mode, setMode, held, fitRange } = image;
  return (
    <>
      <span class="lx-dim lx-opt">Colours</span>
      <Select label="Colour map" value={map} options={COLOR_MAPS} onChange={setMap} />
      <span class="lx-dim lx-opt">Range</span>
      <span class="lx-wide">
        <Select label="Range" value={mode} options={MODES} onChange={setMode} />
      </span>
      {held && (
        <Button
          kind="ghost"
          tip="The range is that of another picture, so that both can be compared"
          onClick={fitRange}
        >
          Fit range
        </Button>
      )}
    </>
  );
}
