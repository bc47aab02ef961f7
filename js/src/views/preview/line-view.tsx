import { useRef } from "preact/hooks";
import { FailureCard } from "../../components/failure-card.tsx";
import { panned, zoomed } from "../../data/axis.ts";
import { codeOf } from "../../data/code.ts";
import { readWords } from "../../data/cost.ts";
import { lengthWords } from "../../data/line-words.ts";
import type { ViewContext } from "../../state/context.ts";
import { Exports } from "./exports.tsx";
import { Frame } from "./frame.tsx";
import { LinePlot } from "./line-plot.tsx";
import { LineTools } from "./line-tools.tsx";
import { contentPng } from "./picture-png.ts";
import { Refusal } from "./refusal.tsx";
import { LineSkeleton } from "./skeletons.tsx";
import { statisticsFacts } from "./statistics.ts";
import { type LineState, useLine } from "./use-line.ts";
import type { ViewProps } from "./view-props.ts";

/** Traces along time, one or many stacked. */
export function LineView({ switcher, ...props }: ViewProps) {
  const { ctx, card } = props;
  const content = useRef<HTMLDivElement>(null);
  const line = useLine(props, content);
  const { seen } = line.picture;
  return (
    <Frame
      switcher={switcher}
      tools={<LineTools line={line} />}
      picture={line.picture}
      onRestart={line.restart}
      contentRef={content}
      skeleton={<LineSkeleton />}
      refusal={<LineRefusal line={line} />}
      cost={seen ? readWords(seen.cost) : ""}
      facts={statisticsFacts(seen?.statistics, seen?.y.unit)}
      exports={
        <Exports
          ctx={ctx}
          data={seen && { path: seen.path, selection: seen.selection, agreed: line.picture.agreed }}
          code={seen && codeOf(seen, false)}
          png={() => contentPng(content.current, card.row.path)}
        />
      }
    >
      {line.broken && <FailureCard error={line.broken} onRetry={line.picture.retry} />}
      <LineContent ctx={ctx} line={line} />
    </Frame>
  );
}

function LineRefusal({ line: { picture, drawn, setText } }: { line: LineState }) {
  if (!picture.refused) return null;
  const time = drawn ? (samples: number) => lengthWords(samples, drawn.step, drawn.body.x.unit) : undefined;
  return <Refusal refused={picture.refused} time={time} onOffer={setText} onAgree={picture.agree} />;
}

function LineContent({ ctx, line }: { ctx: ViewContext; line: LineState }) {
  const { drawn, look, gain, jump, move } = line;
  if (!drawn) return null;
  const { body, traces, axis } = drawn;
  const size = body.shape[0] ?? 0;
  const stretch = look?.stretch ?? { start: body.first, stop: body.last };
  return (
    <LinePlot
      body={body}
      traces={traces}
      axis={axis}
      stretch={stretch}
      gain={gain}
      theme={ctx.theme.value}
      say={ctx.say}
      onStretch={(from, to) => jump({ start: axis.sample(from), stop: axis.sample(to) })}
      onZoom={(factor, about) => move(zoomed(stretch, factor, about, size))}
      onPan={(share) => move(panned(stretch, share, size))}
      onEnd={(end) => jump(panned(stretch, end * size, size))}
      onBack={line.back}
      onGain={line.turnGain}
    />
  );
}
