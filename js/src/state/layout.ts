import { computed, signal } from "@preact/signals";

export const TREE_WIDTH = { least: 200, most: 480, usual: 288, narrow: 256 };
export const HEIGHT = { least: 300, most: 1200, usual: 560 };

/** Below this width explained labels go, and the tree is narrower. */
const MEDIUM = 1000;
/** Below this width the tree is a drawer over the main part. */
const SMALL = 720;

/** Sizes of the parts, and which of them are in sight. */
export class Layout {
  /** Of the whole widget, measured. */
  readonly width = signal<number | null>(null);
  readonly height = signal(HEIGHT.usual);
  /** Dragged by hand; null = by the width of the widget. */
  readonly draggedTree = signal<number | null>(null);
  readonly treeHidden = signal(false);
  readonly drawerOpen = signal(false);
  /** The tree is what matters: long names of files have the room to be whole. */
  readonly treeFirst = signal(false);

  readonly small = computed(() => (this.width.value ?? MEDIUM) < SMALL);
  readonly treeShown = computed(() => (this.small.value ? this.drawerOpen.value : !this.treeHidden.value));
  readonly treeWidth = computed(() => {
    const usual = (this.width.value ?? MEDIUM) < MEDIUM ? TREE_WIDTH.narrow : TREE_WIDTH.usual;
    return this.draggedTree.value ?? (this.treeFirst.value ? TREE_WIDTH.most : usual);
  });

  toggleTree(): void {
    if (this.small.value) this.drawerOpen.value = !this.drawerOpen.value;
    else this.treeHidden.value = !this.treeHidden.value;
  }

  showTree(): void {
    if (this.small.value) this.drawerOpen.value = true;
    else this.treeHidden.value = false;
  }

  setTreeWidth(pixels: number): void {
    this.draggedTree.value = clamp(pixels, TREE_WIDTH.least, TREE_WIDTH.most);
  }

  setHeight(pixels: number): void {
    this.height.value = clamp(pixels, HEIGHT.least, HEIGHT.most);
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.round(Math.min(most, Math.max(least, value)));
}
