import { useRef } from "preact/hooks";
import { PixelCanvas } from "../../components/canvas.tsx";
import { FailureCard } from "../../components/failure-card.tsx";
import { codeOf } from "../../data/code.ts";
import { readWords } from "../../data/cost.ts";
import { decimationWords, isPicture, largest } from "../../data/image-fit.ts";
import { withUnit } from "../../data/line-words.ts";
import type { ImagePreview, NodeCard } from "../../data/protocol.ts";
import { isSpan, parseSelection, type Span, writeRange } from "../../data/selection.ts";
import { ColorBar } from "./color-bar.tsx";
import { Exports } from "./exports.tsx";
import { Frame } from "./frame.tsx";
import { HistogramPanel } from "./histogram.tsx";
import { ImageTools } from "./image-tools.tsx";
import { contentPng } from "./picture-png.ts";
import { Refusal } from "./refusal.tsx";
import { ImageSkeleton } from "./skeletons.tsx";
import { Sliders } from "./sliders.tsx";
import { statisticsFacts } from "./statistics.ts";
import { type ImageState, useImage } from "./use-image.ts";
import type { ViewProps } from "./view-props.ts";

/** Room for the colour bar with its numbers, beside the picture; pixels. */
const BAR_ROOM = 96;
const PADDING = 32;
/** Where there is more room than that, a histogram carries the colours instead. */
const HISTOGRAM_ROOM = 240;
const HISTOGRAM_HEIGHT = 180;
const MOST_HISTOGRAM = 520;
const GAP = 24;

/** A picture, or a matrix as one. */
export function ImageView({ switcher, ...props }: ViewProps) {
  const { ctx, card } = props;
  const room = useRef<HTMLDivElement>(null);
  const image = useImage(props, room);
  const { picture } = image;
  const { seen } = picture;
  return (
    <Frame
      switcher={switcher}
      tools={<ImageTools image={image} />}
      picture={picture}
      onRestart={image.restart}
      contentRef={room}
      skeleton={<ImageSkeleton />}
      refusal={
        picture.refused && (
          <Refusal refused={picture.refused} onOffer={image.setText} onAgree={picture.agree} />
        )
      }
      below={<Sliders sliders={image.sliders} ready={!picture.busy} />}
      cost={seen ? costWords(seen) : ""}
      facts={statisticsFacts(seen?.statistics, seen?.unit)}
      exports={
        <Exports
          ctx={ctx}
          data={seen && { path: seen.path, selection: seen.selection, agreed: picture.agreed }}
          code={seen && codeOf(seen, false)}
          png={() => contentPng(room.current, card.row.path)}
        />
      }
    >
      {image.broken && <FailureCard error={image.broken} onRetry={picture.retry} />}
      <ImageContent image={image} card={card} />
    </Frame>
  );
}

/** What was read, and what of it is not drawn: a thinned picture must not look complete. */
function costWords(body: ImagePreview): string {
  const left = decimationWords(body);
  return left === "" ? readWords(body.cost) : `${readWords(body.cost)} \u00b7 ${left}`;
}

function ImageContent({ image, card }: { image: ImageState; card: NodeCard }) {
  const { drawn, pixels, room, range, map } = image;
  if (!(drawn && pixels && room)) return null;
  const { body, values } = drawn;
  const square = isPicture(body, card);
  const width = Math.max(1, room.width - PADDING - (values ? BAR_ROOM : 0));
  const free = { width, height: Math.max(1, room.height - (square ? 8 : 28)) };
  const size = square ? largest(body.columns, body.rows, free) : free;
  const beside = room.width - PADDING - size.width - GAP;
  const colors = { map, low: range[0], high: range[1], unit: body.unit };
  return (
    <div class="lx-image">
      <figure>
        {!square && <figcaption class="lx-dim lx-xs lx-cut">{directions(body)}</figcaption>}
        <PixelCanvas pixels={pixels} label={sentence(body)} {...size} />
      </figure>
      {values &&
        (beside >= HISTOGRAM_ROOM && room.height >= HISTOGRAM_HEIGHT ? (
          <HistogramPanel values={values} width={Math.min(beside, MOST_HISTOGRAM)} {...colors} />
        ) : (
          <ColorBar height={size.height} {...colors} />
        ))}
    </div>
  );
}

/** `sample 0–4095 downwards, channel 0–15 across`. */
function directions(body: ImagePreview): string {
  const spans = parseSelection(body.selection, body.shape)?.filter(isSpan) ?? [];
  const named = (label: string, range: Span | undefined) => (range ? `${label} ${writeRange(range)}` : label);
  return `${named(body.row_label, spans[0])} downwards, ${named(body.column_label, spans[1])} across`;
}

function sentence(body: ImagePreview): string {
  const { minimum, maximum } = body.statistics;
  const kind = body.channels === 1 ? "Picture" : "Colour picture";
  const values = `values ${minimum} to ${withUnit(maximum, body.unit)}`;
  const missing = body.statistics.nan > 0 ? `, ${body.statistics.nan} of them NaN` : "";
  return `${kind} of ${body.selection}, ${body.rows} by ${body.columns}, ${values}${missing}`;
}
