import type { ComponentChildren } from "preact";
import type { NodeCard, PreviewChoice } from "../../data/protocol.ts";
import type { ViewContext } from "../../state/context.ts";
import type { Remembered } from "./memory.ts";

/** What every kind of preview is given. */
export interface ViewProps {
  ctx: ViewContext;
  card: NodeCard;
  choice: PreviewChoice;
  /** Changes the kind of preview, where there are several; first in the toolbar. */
  switcher: ComponentChildren;
  memory: Remembered;
}
