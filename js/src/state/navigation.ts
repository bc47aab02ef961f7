import { batch, computed, signal } from "@preact/signals";
import { isWithin } from "../data/path.ts";
import type { Tab } from "./context.ts";

/** Tabs of a node; `changes` is a view of the whole file. */
export const NODE_TABS = ["home", "preview", "attributes", "storage", "json"] as const;

/** Which node is looked at, through which view, and the way that led there. */
export class Navigation {
  readonly path = signal("/");
  readonly tab = signal<Tab>("home");
  /** Counts up when somebody outside the tree selects, so that the tree brings the row into sight. */
  readonly jumps = signal(0);
  readonly #visited = signal<readonly string[]>(["/"]);
  readonly #at = signal(0);
  readonly canGoBack = computed(() => this.#at.value > 0);
  readonly canGoForward = computed(() => this.#at.value < this.#visited.value.length - 1);
  #nodeTab: Tab = "home";

  /** Show a node; without `tab` through the view that is open. */
  select(path: string, tab?: Tab): void {
    batch(() => {
      if (path !== this.path.value) {
        const way = this.#visited.value.slice(0, this.#at.value + 1);
        this.#visited.value = [...way, path];
        this.#at.value = way.length;
      }
      this.#show(path, tab ?? this.#nodeTab);
    });
  }

  showTab(tab: Tab): void {
    batch(() => this.#show(this.path.value, tab));
  }

  /** Another file is open: begin anew. */
  reset(): void {
    batch(() => {
      this.#visited.value = ["/"];
      this.#at.value = 0;
      this.#show("/", "home");
    });
  }

  /** From the list of changes back to the node. */
  leaveChanges(): void {
    if (this.tab.value === "changes") this.showTab(this.#nodeTab);
  }

  /** Objects have other paths now, and so have the places on the way. */
  moved(from: string, to: string): void {
    const now = (path: string) => (isWithin(path, from) ? to + path.slice(from.length) : path);
    batch(() => {
      this.#visited.value = this.#visited.value.map(now);
      this.path.value = now(this.path.value);
    });
  }

  /** The object that is shown has gone: show another in its place. */
  replace(path: string): void {
    batch(() => {
      this.#visited.value = this.#visited.value.map((each, at) => (at === this.#at.value ? path : each));
      this.#show(path, this.tab.value === "changes" ? "changes" : this.#nodeTab);
    });
  }

  back(): void {
    this.#step(-1);
  }

  forward(): void {
    this.#step(1);
  }

  #step(by: -1 | 1): void {
    const path = this.#visited.value[this.#at.value + by];
    if (path === undefined) return;
    batch(() => {
      this.#at.value += by;
      this.jumps.value += 1;
      this.#show(path, this.#nodeTab);
    });
  }

  #show(path: string, wanted: Tab): void {
    const tab = tabOf(path, wanted);
    if (tab !== "changes") this.#nodeTab = tab;
    this.path.value = path;
    this.tab.value = tab;
  }
}

/** The root has the session card where other nodes have a preview. */
function tabOf(path: string, wanted: Tab): Tab {
  if (path === "/") return wanted === "preview" ? "home" : wanted;
  return wanted === "home" ? "preview" : wanted;
}
