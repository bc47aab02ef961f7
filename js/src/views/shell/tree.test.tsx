import { waitFor } from "@testing-library/preact";
import { afterEach, describe, expect, test } from "vitest";
import { activeRow, type Mounted, mountMock, unmountAll } from "../../../dev/harness.ts";
import { MANY, MANY_PATH } from "../../../dev/mock/file.ts";

afterEach(unmountAll);

async function openTree(
  options: Parameters<typeof mountMock>[0] = {},
): Promise<Mounted & { tree: HTMLElement }> {
  const mounted = mountMock({ view: "attributes", ...options });
  await mounted.page.findByRole("treeitem", { name: /^units/ });
  const tree = mounted.page.getByRole("tree");
  tree.focus();
  return { ...mounted, tree };
}

const row = (page: Mounted["page"], name: string | RegExp) => page.getByRole("treeitem", { name });

describe("by keyboard", () => {
  test("arrows expand, go into a group, and come back", async () => {
    const { page, user, tree } = await openTree();
    await user.keyboard("{ArrowDown}");
    expect(activeRow(tree)).toMatch(/^acquisition/);
    await user.keyboard("{ArrowRight}");
    await page.findByRole("treeitem", { name: "ElectricalSeriesAP" });
    await user.keyboard("{ArrowRight}{ArrowDown}");
    expect(activeRow(tree)).toMatch(/^ElectricalSeriesLFP/);
    await user.keyboard("{ArrowLeft}");
    expect(activeRow(tree)).toMatch(/^acquisition/);
    await user.keyboard("{ArrowLeft}");
    expect(page.queryByRole("treeitem", { name: "ElectricalSeriesAP" })).toBeNull();
    expect(row(page, /^acquisition/).getAttribute("aria-expanded")).toBe("false");
  });

  test("Home, End and letters move; the focus never leaves the tree", async () => {
    const { user, tree } = await openTree();
    await user.keyboard("{End}");
    expect(activeRow(tree)).toBe("session_start_time");
    await user.keyboard("{Home}");
    expect(activeRow(tree)).toMatch(/^\//);
    await user.keyboard("un");
    expect(activeRow(tree)).toBe("units");
    expect(document.activeElement).toBe(tree);
  });

  test("a letter goes on to the next name that starts with it", async () => {
    const { user, tree } = await openTree();
    await user.keyboard("i");
    expect(activeRow(tree)).toBe("intervals");
    // Another key ends the word, as a moment without typing does.
    await user.keyboard("{ArrowDown}i");
    expect(activeRow(tree)).toBe("identifier");
  });

  test("moving selects nothing; Enter selects, and again expands", async () => {
    const { model, page, user } = await openTree();
    await user.keyboard("g");
    expect(model.get("selected")).toBe("/");
    await user.keyboard("{Enter}");
    expect(model.get("selected")).toBe("/general");
    expect(row(page, "general").getAttribute("aria-selected")).toBe("true");
    await user.keyboard("{Enter}");
    await page.findByRole("treeitem", { name: "devices" });
  });

  test("* expands everything beside", async () => {
    const { page, user } = await openTree();
    await user.keyboard("{ArrowDown}*");
    await page.findByRole("treeitem", { name: "ElectricalSeriesAP" });
    await page.findByRole("treeitem", { name: "devices" });
    await page.findByRole("treeitem", { name: "trials" });
  });

  test("Enter on a selected link follows it", async () => {
    const { model, page, user } = await openTree({ selected: "/acquisition/ElectricalSeriesAP/electrodes" });
    await waitFor(() => expect(row(page, "electrodes").getAttribute("aria-selected")).toBe("true"));
    await user.keyboard("{Enter}");
    expect(model.get("selected")).toBe("/general/extracellular_ephys/electrodes");
  });
});

describe("by mouse", () => {
  test("a click selects, the arrow before the name expands", async () => {
    const { model, page, user } = await openTree();
    await user.click(row(page, "general"));
    expect(model.get("selected")).toBe("/general");
    expect(row(page, "general").getAttribute("aria-expanded")).toBe("false");
    await user.dblClick(row(page, "general"));
    await page.findByRole("treeitem", { name: "subject" });
  });
});

describe("rows", () => {
  test("tell kind, facts and state in words", async () => {
    const { page, user } = await openTree();
    expect(row(page, "acquisition, error below").getAttribute("aria-description")).toBe("5");
    await user.keyboard("{ArrowDown}{ArrowRight}");
    const lfp = await page.findByRole("treeitem", { name: "ElectricalSeriesLFP, error below" });
    expect(lfp.getAttribute("aria-description")).toBe("7.1 GB");
    expect(lfp.getAttribute("aria-level")).toBe("3");
    expect(lfp.getAttribute("aria-posinset")).toBe("2");
    expect(lfp.getAttribute("aria-setsize")).toBe("5");
    // Opened, the group leaves the mark to the row it is about.
    expect(row(page, "acquisition").getAttribute("aria-expanded")).toBe("true");
  });

  test("of a broken link do not break the tree", async () => {
    const { page } = await openTree({ selected: "/general/extracellular_ephys/gone" });
    const gone = await page.findByRole("treeitem", { name: "gone" });
    expect(gone.getAttribute("aria-description")).toBe("broken");
    expect(page.getByText("broken link").dataset["tip"]).toContain("Nothing is stored");
  });
});

describe("a group of 100,000 children", () => {
  test("has few rows on the page, and fetches only the pages that are looked at", async () => {
    const { model, page, user, tree } = await openTree({ selected: MANY_PATH });
    await waitFor(() => expect(row(page, "many").getAttribute("aria-selected")).toBe("true"));
    await user.keyboard("{ArrowRight}");
    const first = await page.findByRole("treeitem", { name: "item_000000" });
    expect(first.getAttribute("aria-setsize")).toBe(String(MANY));
    expect(page.getAllByRole("treeitem").length).toBeLessThan(60);
    await user.keyboard("{End}");
    await waitFor(() => expect(activeRow(tree)).toBe("session_start_time"));
    for (let step = 0; step < 6; step += 1) await user.keyboard("{ArrowUp}");
    await waitFor(() => expect(activeRow(tree)).toBe("item_099999"));
    const pages = model.requests("children").filter(({ path }) => path === MANY_PATH);
    expect(pages.length).toBeLessThan(4);
    expect(page.getAllByRole("treeitem").length).toBeLessThan(60);
  });

  test("shows a node in its middle that Python has selected", async () => {
    const { model, page } = await openTree();
    model.set("selected", `${MANY_PATH}/item_050000`);
    const item = await page.findByRole("treeitem", { name: "item_050000" });
    expect(item.getAttribute("aria-selected")).toBe("true");
    expect(model.requests("children").length).toBeLessThan(40);
  });
});
