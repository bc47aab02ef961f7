import { waitFor } from "@testing-library/preact";
import { afterEach, describe, expect, test, vi } from "vitest";
import { hears, mountMock, press, said, unmountAll } from "../../../dev/harness.ts";
import { failure } from "../../../dev/mock/failure.ts";

const DATA = "/acquisition/ElectricalSeriesLFP/data";
const AP = "/acquisition/ElectricalSeriesAP";

afterEach(unmountAll);

describe("opening", () => {
  test("shows the file, its tree and what opening has cost", async () => {
    const { page } = mountMock();
    await page.findByRole("treeitem", { name: /^acquisition/ });
    expect(page.getByRole("region", { name: "File" }).textContent).toContain(
      "sub-M07_ses-20240312_ecephys.nwb",
    );
    expect(page.getByRole("region", { name: "File" }).textContent).toContain("7 requests · 6.8 MB");
    await hears(page, "Opened in 0.9 s · 7 requests, 6.8 MB · no array data read");
  });

  test("that fails says why, and can be tried again", async () => {
    let fails = true;
    const { page, user } = mountMock({
      fail: ({ op }) =>
        op === "open" && fails ? failure("no-file", "There is no file x.nwb", "Check the path.") : null,
    });
    expect((await page.findByRole("alert")).textContent).toContain("There is no file x.nwb");
    expect(page.getByRole("alert").textContent).toContain("Check the path.");
    fails = false;
    await user.click(page.getByRole("button", { name: "Try again" }));
    await page.findByRole("treeitem", { name: /^acquisition/ });
    expect(page.queryByRole("alert")).toBeNull();
  });

  test("starts at the node and the tab that Python has set", async () => {
    const { page } = mountMock({ selected: DATA, view: "attributes" });
    await page.findByRole("grid", { name: "Attributes" });
    const row = await page.findByRole("treeitem", { name: /^data/ });
    expect(row.getAttribute("aria-selected")).toBe("true");
    expect(row.getAttribute("aria-level")).toBe("4");
  });
});

describe("the selection", () => {
  test("follows Python, and Python follows it", async () => {
    const { model, page, user } = mountMock({ view: "attributes" });
    await page.findByRole("treeitem", { name: /^units/ });
    model.set("selected", DATA);
    await page.findByRole("button", { name: "unit: mV" });
    await user.click(page.getByRole("treeitem", { name: "units" }));
    expect(model.get("selected")).toBe("/units");
    await user.click(page.getByRole("tab", { name: "JSON" }));
    expect(model.get("view")).toBe("json");
  });

  test("goes back and forward by Alt and arrows, and by the path above", async () => {
    const { model, page, user } = mountMock({ selected: "/units", view: "attributes" });
    await page.findByRole("button", { name: /^colnames/ });
    model.set("selected", DATA);
    await page.findByRole("button", { name: "unit: mV" });
    page.getByRole("tree").focus();
    press("ArrowLeft", { altKey: true });
    expect(model.get("selected")).toBe("/units");
    press("ArrowRight", { altKey: true });
    expect(model.get("selected")).toBe(DATA);
    const path = page.getByRole("navigation", { name: "Path" });
    expect(path.textContent).toContain("/acquisitionElectricalSeriesLFPdata");
    await user.click(page.getByRole("button", { name: "acquisition" }));
    expect(model.get("selected")).toBe("/acquisition");
  });

  test("never shows the late card of another node", async () => {
    const { model, page, user } = mountMock({
      view: "attributes",
      selected: "/units",
      delay: (request) => (request.op === "node" && request.path === DATA ? "never" : 0),
    });
    await page.findByRole("button", { name: /^colnames/ });
    model.set("selected", DATA);
    const late = model.requests("node").find(({ path }) => path === DATA);
    model.set("selected", "/units");
    await page.findByRole("button", { name: /^colnames/ });
    expect(model.requests("cancel").map(({ target }) => target)).toContain(late?.id);
    // The answer was under way when the cancel went out.
    const { body } = model.session.answer({ op: "node", path: DATA });
    model.say({ ...body, id: late?.id ?? "" });
    await user.click(page.getByRole("button", { name: "Copy path" }));
    expect(page.queryByRole("button", { name: "unit: mV" })).toBeNull();
    page.getByRole("button", { name: /^colnames/ });
  });

  test("of a node that is gone says so and leaves the tree alone", async () => {
    const { page } = mountMock({ selected: "/nowhere", view: "attributes" });
    expect((await page.findByRole("alert")).textContent).toContain("Nothing is stored at /nowhere");
    page.getByRole("treeitem", { name: "units" });
  });

  test("of a link can be followed", async () => {
    const { model, page, user } = mountMock({ selected: `${AP}/electrodes`, view: "preview" });
    await user.click(await page.findByRole("button", { name: "Follow link" }));
    expect(model.get("selected")).toBe("/general/extracellular_ephys/electrodes");
  });
});

describe("tabs", () => {
  test("are moved through by arrow keys, and picked by number", async () => {
    const { model, page } = mountMock({ selected: DATA, view: "attributes" });
    await page.findByRole("button", { name: "unit: mV" });
    page.getByRole("tab", { name: /^Attributes/ }).focus();
    press("ArrowRight");
    expect(model.get("view")).toBe("storage");
    expect(document.activeElement).toBe(page.getByRole("tab", { name: "Storage" }));
    press("4");
    expect(model.get("view")).toBe("json");
    expect((await page.findByRole("region", { name: "Metadata as JSON" })).textContent).toContain("mV");
  });
});

describe("keys", () => {
  test("never reach the notebook, chords of the host do", async () => {
    const notebook = vi.fn();
    document.addEventListener("keydown", notebook);
    const { page } = mountMock({ view: "attributes" });
    await page.findByRole("treeitem", { name: /^units/ });
    page.getByRole("tree").focus();
    for (const key of ["d", "d", "Delete", "Enter", "a", "5"]) press(key);
    page.getByRole("tab", { name: /^Attributes/ }).focus();
    for (const key of ["d", "d", "x", "Escape"]) press(key);
    press("z", { ctrlKey: true });
    expect(notebook).not.toHaveBeenCalled();
    press("s", { ctrlKey: true });
    expect(notebook).toHaveBeenCalledOnce();
    document.removeEventListener("keydown", notebook);
  });

  test("Esc leads back to the tree, and then to the notebook", async () => {
    const notebook = document.createElement("div");
    notebook.className = "jp-Notebook";
    notebook.tabIndex = -1;
    document.body.append(notebook);
    const host = notebook.appendChild(document.createElement("div"));
    const { page } = mountMock({ view: "attributes" }, host);
    await page.findByRole("treeitem", { name: /^units/ });
    page.getByRole("tab", { name: /^Attributes/ }).focus();
    press("Escape");
    expect(document.activeElement).toBe(page.getByRole("tree"));
    press("Escape");
    expect(document.activeElement).toBe(notebook);
  });

  test("? lists the keys; the focus stays inside and comes back", async () => {
    const { page, user } = mountMock({ view: "attributes" });
    await page.findByRole("treeitem", { name: /^units/ });
    const tree = page.getByRole("tree");
    tree.focus();
    press("?");
    const dialog = await page.findByRole("dialog", { name: "Keys" });
    expect(dialog.contains(document.activeElement)).toBe(true);
    for (let step = 0; step < 5; step += 1) await user.tab();
    expect(dialog.contains(document.activeElement)).toBe(true);
    press("Escape");
    expect(page.queryByRole("dialog")).toBeNull();
    expect(document.activeElement).toBe(tree);
  });

  test("stay with the widget when what has the focus goes away", async () => {
    const { host, page } = mountMock({ view: "attributes" });
    await page.findByRole("treeitem", { name: /^units/ });
    page.getByRole("tree").focus();
    press("[");
    await waitFor(() => expect(page.queryByRole("tree")).toBeNull());
    expect(host.contains(document.activeElement)).toBe(true);
  });

  test("[ hides the tree and shows it again", async () => {
    const { page } = mountMock({ view: "attributes" });
    await page.findByRole("treeitem", { name: /^units/ });
    page.getByRole("tab", { name: /^Attributes/ }).focus();
    press("[");
    expect(page.queryByRole("tree")).toBeNull();
    press("[");
    page.getByRole("tree");
  });
});

describe("search", () => {
  test("finds names with their parents, counts them, and is cleared by Esc", async () => {
    const { model, page, user } = mountMock({ view: "attributes" });
    await page.findByRole("treeitem", { name: /^units/ });
    page.getByRole("tree").focus();
    press("/");
    const field = page.getByRole("textbox", { name: "Search names" });
    await waitFor(() => expect(document.activeElement).toBe(field));
    await user.keyboard("starting");
    const results = await page.findByRole("tree", { name: "Search results" });
    expect(model.requests("search").map(({ text }) => text)).toEqual(["starting"]);
    expect(results.textContent).toContain("acquisition");
    expect(results.textContent).not.toContain("units");
    page.getByText(/^2 of 42 objects/);
    await user.keyboard("{Enter}");
    expect(model.get("selected")).toBe(`${AP}/starting_time`);
    await user.click(field);
    await user.keyboard("{Escape}");
    expect((field as HTMLInputElement).value).toBe("");
    page.getByRole("treeitem", { name: /^units/ });
  });
});

describe("the status line", () => {
  test("offers the changes of an earlier explorer, and resumes them", async () => {
    const { page, user } = mountMock({ pending: { changes: 1, saved_at: "2024-03-12 15:30 +01:00" } });
    await hears(page, "1 change of 2024-03-12 15:30 \\+01:00 was not exported.");
    await user.click(page.getByRole("button", { name: "Resume 1 change" }));
    await hears(page, "Resumed 1 change");
    page.getByRole("button", { name: "1 change" });
    expect(page.queryByRole("button", { name: "Discard" })).toBeNull();
  });

  test("says that the connection is lost, and asks again once it is back", async () => {
    const { model, page } = mountMock({
      kernel: "idle",
      view: "attributes",
      delay: (request) =>
        request.op === "node" && request.path === DATA && model.requests("node").length < 3 ? "never" : 0,
    });
    await page.findByRole("treeitem", { name: /^units/ });
    model.set("selected", DATA);
    model.setKernel({ connectionStatus: "connecting" });
    await hears(page, "Connection to the kernel lost 1 s ago.");
    page.getByRole("button", { name: "Reconnect now" });
    model.setKernel({ connectionStatus: "connected" });
    await page.findByRole("button", { name: "unit: mV" });
    await hears(page, "Kernel idle");
  });

  test("says that the kernel has ended, and nothing is sent to its successor", async () => {
    const { model, page } = mountMock({ kernel: "idle", view: "attributes" });
    await page.findByRole("treeitem", { name: /^units/ });
    model.setKernel({ status: "restarting" });
    model.setKernel({ status: "idle" });
    await hears(page, "The kernel has ended. Run the cell again to go on.");
    const before = model.sent.length;
    model.set("selected", DATA);
    expect((await page.findByRole("alert")).textContent).toContain("The kernel has ended");
    expect(model.sent).toHaveLength(before);
  });

  test("says which group was not opened; opening it again tries again", async () => {
    let fails = true;
    const { page, user } = mountMock({
      view: "attributes",
      fail: (request) =>
        request.op === "children" && request.path === "/general" && fails
          ? failure("transfer", "The server did not answer", "Try again.")
          : null,
    });
    const row = await page.findByRole("treeitem", { name: "general" });
    const tree = page.getByRole("tree");
    tree.focus();
    await user.keyboard("g{ArrowRight}");
    await hears(page, "“general” was not opened. The server did not answer");
    expect(row.getAttribute("aria-expanded")).toBe("false");
    fails = false;
    await user.keyboard("{ArrowRight}");
    await page.findByRole("treeitem", { name: "devices" });
    expect(said(page)).toContain("general");
  });
});

test("unmounting leaves nothing behind, neither on the page nor on the model", async () => {
  const { model, host, page, unmount } = mountMock({
    view: "attributes",
    delay: ({ op }) => (op === "node" ? "never" : 0),
  });
  await page.findByRole("treeitem", { name: /^units/ });
  unmount();
  expect(host.innerHTML).toBe("");
  expect(model.requests("cancel")).not.toHaveLength(0);
  const before = model.sent.length;
  model.set("selected", "/units");
  expect(model.sent).toHaveLength(before);
});
