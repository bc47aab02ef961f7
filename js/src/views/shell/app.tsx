import { render } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { DragEdge } from "../../components/drag-edge.tsx";
import { Tooltips } from "../../components/tooltip.tsx";
import { useSize } from "../../components/use-size.ts";
import { Explorer } from "../../state/explorer.ts";
import { HEIGHT, TREE_WIDTH } from "../../state/layout.ts";
import { ThemeWatch } from "../../state/theme.ts";
import type { Model } from "../../transport/model.ts";
import { AssetSide } from "../choosing/asset-side.tsx";
import { ChoosingHeader, ChoosingPart } from "../choosing/choosing.tsx";
import { ExportDialog } from "../export/export.tsx";
import { UploadDialog } from "../upload/upload.tsx";
import { keepFocus } from "./focus-keeper.ts";
import { Header } from "./header.tsx";
import { KeyList } from "./key-list.tsx";
import { takeKeys } from "./keys.ts";
import { MainPart } from "./main-part.tsx";
import { FileSide, Side } from "./side.tsx";
import { StatusBar } from "./status-bar.tsx";
import "./shell.css";
import "./tree.css";

/** Put the widget into an element of the host; call what is returned to take it out again. */
export function mount(model: Model, host: HTMLElement): () => void {
  const root = document.createElement("div");
  root.className = "lx";
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", "LINDI explorer");
  host.append(root);
  const theme = new ThemeWatch(root);
  const explorer = new Explorer(model, theme);
  const releaseKeys = takeKeys(explorer, root);
  const releaseFocus = keepFocus(root);
  render(<Shell explorer={explorer} root={root} onPlaced={theme.update} />, root);
  explorer.start();
  return () => {
    releaseKeys();
    releaseFocus();
    render(null, root);
    explorer.dispose();
    theme.dispose();
    root.remove();
  };
}

interface ShellProps {
  explorer: Explorer;
  root: HTMLElement;
  /** The widget has got a size: only now can colours be measured. */
  onPlaced: () => void;
}

function Shell({ explorer, root, onPlaced }: ShellProps) {
  const { layout, dialog } = explorer;
  const frame = useRef<HTMLElement | null>(root);
  const size = useSize(frame);
  const height = layout.height.value;

  useLayoutEffect(() => {
    if (size === null) return;
    if (layout.width.peek() === null) onPlaced();
    layout.width.value = size.width;
  }, [size, layout, onPlaced]);
  useLayoutEffect(() => {
    root.style.height = `${height}px`;
  }, [root, height]);

  const treeShown = layout.treeShown.value;
  const list = explorer.choosing.list.value;
  return (
    <>
      {list ? <ChoosingHeader explorer={explorer} list={list} /> : <Header explorer={explorer} />}
      <div class="lx-body">
        {treeShown && (
          <Side explorer={explorer} label={list ? "Files of the dandiset" : "File tree"}>
            {list ? <AssetSide explorer={explorer} list={list} /> : <FileSide explorer={explorer} />}
          </Side>
        )}
        {treeShown && !layout.small.value && (
          <DragEdge
            label="Width of the tree"
            orientation="vertical"
            value={layout.treeWidth.value}
            least={TREE_WIDTH.least}
            most={TREE_WIDTH.most}
            onChange={(width) => layout.setTreeWidth(width)}
            onDoubleClick={() => layout.setTreeWidth(widthToFit(root))}
          />
        )}
        {list ? <ChoosingPart explorer={explorer} list={list} /> : <MainPart explorer={explorer} />}
      </div>
      <StatusBar explorer={explorer} />
      <DragEdge
        label="Height of the explorer"
        orientation="horizontal"
        value={height}
        least={HEIGHT.least}
        most={HEIGHT.most}
        onChange={(pixels) => layout.setHeight(pixels)}
        onDone={() => explorer.saveHeight()}
      />
      {dialog.value === "export" && <ExportDialog explorer={explorer} />}
      {dialog.value === "upload" && <UploadDialog explorer={explorer} />}
      {dialog.value === "keys" && <KeyList onClose={() => explorer.closeDialog()} />}
      <Tooltips root={frame} />
    </>
  );
}

/** Room for the longest row in sight, its fact included. */
function widthToFit(root: HTMLElement): number {
  const rows = [...root.querySelectorAll<HTMLElement>(".lx-row")];
  const wants = rows.map((row) => {
    const text = row.querySelector<HTMLElement>(".lx-row-text");
    const parts = [...(text?.querySelectorAll<HTMLElement>(".lx-row-name > *, .lx-row-fact") ?? [])];
    const inner = parts.reduce((sum, part) => sum + part.scrollWidth, 16);
    return row.clientWidth - (text?.clientWidth ?? 0) + inner;
  });
  return Math.max(TREE_WIDTH.least, ...wants);
}
