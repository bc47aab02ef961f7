import { batch, effect, signal, untracked } from "@preact/signals";
import { asRequestError, isGone, localFailure, type RequestError, sentences } from "../data/failure.ts";
import { bytes, duration, plural } from "../data/format.ts";
import { lineage } from "../data/path.ts";
import type { AnyResponse, Choosing, Opened, Status } from "../data/protocol.ts";
import { endWords } from "../data/upload-words.ts";
import { type KernelState, type KernelWatch, watchKernel } from "../transport/kernel.ts";
import { type Model, TraitLink } from "../transport/model.ts";
import { Transport } from "../transport/transport.ts";
import { ChangesState } from "./changes.ts";
import { CheckState } from "./checks.ts";
import { ChoosingState } from "./choosing.ts";
import type { Send, Tab, ViewContext } from "./context.ts";
import { EditState } from "./edits.ts";
import { copyText, saveFile } from "./host.ts";
import { Jumps } from "./jumps.ts";
import { HEIGHT, Layout } from "./layout.ts";
import { Navigation, NODE_TABS } from "./navigation.ts";
import { NodeState } from "./node.ts";
import { SearchState } from "./search.ts";
import { SelectionState } from "./selection.ts";
import { StatusLine } from "./status-line.ts";
import type { ThemeWatch } from "./theme.ts";
import { TreeState } from "./tree.ts";
import { UploadProgress } from "./upload.ts";

export type Dialog = "export" | "upload" | "keys";

/** All state of one view of the widget, and the traffic with its model. */
export class Explorer {
  readonly opened = signal<Opened | null>(null);
  readonly openError = signal<RequestError | null>(null);
  readonly dialog = signal<Dialog | null>(null);
  readonly nav = new Navigation();
  readonly layout = new Layout();
  /** The files of a dandiset, until one is open. */
  readonly choosing: ChoosingState;
  readonly tree: TreeState;
  readonly node: NodeState;
  readonly search: SearchState;
  readonly selection: SelectionState;
  readonly edits: EditState;
  readonly checks: CheckState;
  readonly changes: ChangesState;
  readonly upload: UploadProgress;
  readonly line: StatusLine;
  readonly jumps: Jumps;
  readonly ctx: ViewContext;
  readonly #transport: Transport;
  readonly #traits: TraitLink;
  readonly #kernel: KernelWatch;
  readonly #stops: (() => void)[] = [];
  /** The selected node has moved, and the tree has not followed yet. */
  #reveals = false;

  constructor(model: Model, theme: ThemeWatch) {
    this.#transport = new Transport(model);
    this.#traits = new TraitLink(model);
    this.#kernel = watchKernel(model, (state) => this.#kernelChanged(state));
    const request: Send = (draft, options) => this.#transport.request(draft, options);
    const say = (words: string) => this.line.say(words);
    this.choosing = new ChoosingState(request, say);
    this.tree = new TreeState(request, say);
    this.node = new NodeState(request);
    this.search = new SearchState(request);
    this.selection = new SelectionState({
      read: () => this.#traits.get("selection", ""),
      write: (text) => this.#traits.set("selection", text),
    });
    this.edits = new EditState(request, {
      say,
      moved: (from, to) => this.#movedTo(from, to),
      refresh: (touched) => this.#refresh(touched),
    });
    this.checks = new CheckState(request, (status) => this.#setStatus(status));
    this.changes = new ChangesState(request);
    this.upload = new UploadProgress(request);
    this.line = new StatusLine({
      status: this.edits.status,
      pending: this.edits.pending,
      upload: this.upload.state,
      uploadSeen: this.upload.seen,
      showUpload: () => this.openDialog("upload"),
      calls: () => this.#transport.calls(),
      cancel: (id) => this.#transport.cancel(id),
      reconnect: this.#kernel.reconnect,
      resume: () => void this.edits.tryTo({ op: "resume_journal" }),
      discard: () => void this.edits.tryTo({ op: "discard_journal" }),
    });
    this.ctx = {
      request,
      edit: (draft) => this.edits.make(draft),
      drafts: new Map(),
      select: (path, tab) => this.select(path, tab),
      wanted: this.selection.wanted,
      show: (path, asked, answered) => this.selection.show(path, asked, answered),
      opened: this.opened,
      status: this.edits.status,
      theme: theme.theme,
      say,
      copy: (text, what) => this.#copy(text, what),
      save: saveFile,
    };
    this.jumps = new Jumps(this.ctx, this.nav, this.checks);
    this.#transport.onEvent = (event) => this.#take(event);
    this.#transport.onCalls = () => this.line.update();
    this.line.setKernel(this.#kernel.state());
  }

  /** Follow the traits and open the file. */
  start(): void {
    const { nav, layout } = this;
    layout.setHeight(this.#traits.get("height", HEIGHT.usual));
    nav.select(this.#traits.get("selected", "") || "/", tabNamed(this.#traits.get("view", "")));
    this.#traits.watch("selected", "", (path) => path !== nav.path.peek() && this.select(path || "/"));
    this.selection.move(nav.path.peek(), this.#traits.get("selection", ""));
    this.#traits.watch("selection", "", (text) => this.selection.follow(text));
    this.#traits.watch("view", "", (view) => nav.showTab(tabNamed(view) ?? nav.tab.peek()));
    this.#traits.watch("height", HEIGHT.usual, (height) => layout.setHeight(height));
    this.#stops.push(
      nav.path.subscribe((path) => this.#moved(path)),
      effect(() => this.#traits.set("view", nav.tab.value)),
      effect(() => {
        const path = nav.path.value;
        if (this.opened.value) untracked(() => this.#showNode(path));
      }),
      effect(() => {
        if (this.opened.value && nav.tab.value === "changes") untracked(() => void this.changes.load());
      }),
    );
    void this.open();
  }

  /** Ask for the file; also after a failure. */
  async open(): Promise<void> {
    this.openError.value = null;
    try {
      const { body } = await this.ctx.request({ op: "open" });
      await (body.type === "choosing" ? this.#choose(body) : this.#show(body));
    } catch (reason) {
      this.openError.value = asRequestError(reason);
    }
  }

  /** From a file that was chosen from a dandiset back to the list. The list comes as an event, to all views. */
  async backToAssets(): Promise<void> {
    try {
      await this.ctx.request({ op: "back_to_assets" });
    } catch (reason) {
      this.line.say(sentences(asRequestError(reason)));
    }
  }

  /** Select from outside the tree: opens the groups above and brings the row into sight. */
  select(path: string, tab?: Tab): void {
    this.nav.select(path, tab);
    this.nav.jumps.value += 1;
    void this.tree.reveal(path);
  }

  /** Go back or forward along the selected nodes. */
  step(by: "back" | "forward"): void {
    this.nav[by]();
    void this.tree.reveal(this.nav.path.peek());
  }

  openDialog(dialog: Dialog): void {
    this.dialog.value = dialog;
  }

  closeDialog(): void {
    this.dialog.value = null;
  }

  toggleChanges(): void {
    if (this.nav.tab.peek() === "changes") this.nav.leaveChanges();
    else this.nav.showTab("changes");
  }

  /** Stop everything that is being read; false if there was nothing. */
  cancelReads(): boolean {
    const reads = this.#transport
      .calls()
      .filter(({ op }) => op === "preview" || op === "csv" || op === "search");
    for (const { id } of reads) this.#transport.cancel(id);
    return reads.length > 0;
  }

  saveHeight(): void {
    this.#traits.set("height", this.layout.height.peek());
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
    this.selection.dispose();
    this.#traits.dispose();
    this.#kernel.dispose();
    this.#transport.dispose();
    this.line.dispose();
  }

  #moved(path: string): void {
    if (path !== this.selection.path) this.selection.move(path);
    this.#traits.select(path);
  }

  /** A file is open. */
  async #show(opened: Opened): Promise<void> {
    batch(() => {
      this.choosing.leave();
      this.layout.treeFirst.value = false;
      this.opened.value = opened;
      this.edits.status.value = opened.status;
      this.edits.pending.value = opened.pending;
    });
    this.line.say(openedWords(opened));
    void this.upload.load();
    await this.tree.open(opened.root);
    this.nav.jumps.value += 1;
    await this.tree.reveal(this.nav.path.peek());
  }

  /** There is a dandiset, and no file of it is open. */
  async #choose(list: Choosing): Promise<void> {
    this.layout.drawerOpen.value = true;
    this.layout.treeFirst.value = true;
    this.line.say("");
    await this.choosing.show(list);
  }

  /** What is known of the file that was open is of no use for the next one. */
  #forgetFile(): void {
    batch(() => {
      this.opened.value = null;
      this.edits.status.value = null;
      this.edits.pending.value = null;
      this.dialog.value = null;
      this.jumps.wanted.value = null;
      this.ctx.drafts.clear();
      this.layout.drawerOpen.value = false;
      this.nav.reset();
      this.node.clear();
      this.tree.close();
      this.search.clear();
      this.checks.clear();
      this.upload.clear();
      this.changes.list.value = null;
    });
  }

  #showNode(path: string): void {
    if (this.node.path !== null && this.node.path !== path) this.line.say("");
    void this.node.show(path);
  }

  #take(event: AnyResponse): void {
    if (event.type === "opened" || event.type === "choosing") this.#other(event);
    else if (event.type === "edited") {
      this.upload.edited();
      void this.edits.apply(event);
    } else if (event.type === "status") this.#setStatus(event.status);
    else if (event.type === "upload_state") {
      const before = this.upload.state.peek()?.state;
      this.upload.take(event);
      const words = event.state === before ? "" : endWords(event);
      if (words && this.dialog.peek() !== "upload") this.line.say(words);
    } else if (event.type === "findings") {
      this.#setStatus(event.status);
      if (!this.checks.open.peek() || !this.checks.findings.peek()) this.checks.findings.value = event;
    }
  }

  /** Another file has been chosen, or the list again: here, in another view or in Python. */
  #other(body: Opened | Choosing): void {
    this.#forgetFile();
    this.openError.value = null;
    void (body.type === "choosing" ? this.#choose(body) : this.#show(body));
  }

  #setStatus(status: Status): void {
    this.edits.status.value = status;
  }

  async #refresh(touched: readonly string[]): Promise<void> {
    const changes = this.nav.tab.peek() === "changes" ? this.changes.load() : null;
    await Promise.all([
      this.tree.refresh(touched),
      this.#refreshNode(touched),
      this.search.refresh(),
      changes,
    ]);
    if (!this.#reveals) return;
    this.#reveals = false;
    await this.tree.reveal(this.nav.path.peek());
  }

  /** The selection goes along, and its new place is brought into sight once it is there. */
  #movedTo(from: string, to: string): void {
    const before = this.nav.path.peek();
    this.nav.moved(from, to);
    this.#reveals ||= this.nav.path.peek() !== before;
  }

  /** Where the node that is shown has gone, the nearest one above it takes its place. */
  async #refreshNode(touched: readonly string[]): Promise<void> {
    if (await this.node.refresh(touched)) return;
    const path = this.nav.path.peek();
    for (const above of lineage(path).slice(0, -1).reverse()) {
      const there = await this.#isThere(above);
      if (this.nav.path.peek() !== path) return;
      if (!there) continue;
      this.nav.replace(above);
      return;
    }
  }

  async #isThere(path: string): Promise<boolean> {
    try {
      await this.ctx.request({ op: "node", path });
      return true;
    } catch (reason) {
      return !isGone(reason);
    }
  }

  #kernelChanged(state: KernelState): void {
    const before = this.line.kernel.peek();
    this.line.setKernel(state);
    if (state === "gone") this.#transport.close(KERNEL_GONE);
    else if (before === "lost" && state !== "lost") {
      this.#transport.resend(CONNECTION_LOST);
      void this.#catchUp();
    }
  }

  /** What happened while the connection was away was told to nobody. */
  async #catchUp(): Promise<void> {
    const name = this.opened.peek()?.name;
    if (name === undefined && !this.choosing.list.peek()) return;
    try {
      const { body } = await this.ctx.request({ op: "open" });
      if (body.type === "choosing" || body.name !== name) return this.#other(body);
      this.#setStatus(body.status);
      this.edits.pending.value = body.pending;
      void this.upload.load();
      await this.#refresh([this.nav.path.peek()]);
    } catch (reason) {
      this.line.say(sentences(asRequestError(reason)));
    }
  }

  async #copy(text: string, what: string): Promise<void> {
    const done = await copyText(text);
    this.line.say(done ? `${what} copied.` : `This page may not use the clipboard. ${what}: ${text}`);
  }
}

const KERNEL_GONE = localFailure("ended", "The kernel has ended", "Run the cell again.");
const CONNECTION_LOST = localFailure(
  "disconnected",
  "The connection to the kernel was lost before the answer came",
  "Look whether the change is listed, then try again.",
);

function tabNamed(view: string): Tab | undefined {
  return [...NODE_TABS, "changes" as const].find((tab) => tab === view);
}

function openedWords({ seconds, status }: Opened): string {
  const traffic =
    status.requests > 0 ? ` · ${plural(status.requests, "request")}, ${bytes(status.bytes)}` : "";
  return `Opened in ${duration(seconds)}${traffic} · no array data read`;
}
