import { count } from "../../data/format.ts";
import type { ImagePreview, Slider } from "../../data/protocol.ts";
import { Entry } from "./entry.tsx";
import type { ImageState } from "./use-image.ts";

/** One slider for each dimension of which the picture shows one index. The number follows the hand at once. */
export function Sliders({ image, body }: { image: ImageState; body: ImagePreview }) {
  if (body.sliders.length === 0) return null;
  return (
    <div class="lx-sliders">
      {body.sliders.map((slider) => (
        <Line
          key={slider.dimension}
          slider={slider}
          name={sliderName(slider, body)}
          index={image.indexOf(slider.dimension)}
          onIndex={(index) => image.setIndex(slider.dimension, index)}
        />
      ))}
    </div>
  );
}

interface LineProps {
  slider: Slider;
  name: string;
  index: number;
  onIndex: (index: number) => void;
}

function Line({ slider, name, index, onIndex }: LineProps) {
  const last = slider.size - 1;
  const commit = (text: string) => {
    const wanted = Number(text.replaceAll(",", ""));
    if (text.trim() === "" || !Number.isInteger(wanted) || wanted < 0 || wanted > last) return false;
    onIndex(wanted);
    return true;
  };
  return (
    <div class="lx-tools">
      <span class="lx-dim">{name}</span>
      <Entry label={`${name} number`} value={count(index)} onCommit={commit} width={80} />
      <span class="lx-dim">of {count(slider.size)}</span>
      <input
        type="range"
        class="lx-grow"
        aria-label={name}
        min={0}
        max={last}
        value={index}
        onInput={(event) => onIndex(Number(event.currentTarget.value))}
      />
    </div>
  );
}

function sliderName({ dimension }: Slider, body: ImagePreview): string {
  return dimension === 0 && body.sliders.length === 1 ? "Frame" : `Dimension ${dimension}`;
}
