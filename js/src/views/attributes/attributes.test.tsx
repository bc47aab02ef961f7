import { waitFor, within } from "@testing-library/preact";
import { afterEach, describe, expect, test } from "vitest";
import { hears, type Mounted, mountMock, press, unmountAll } from "../../../dev/harness.ts";

const DATA = "/acquisition/ElectricalSeriesLFP/data";

afterEach(unmountAll);

async function openAttributes(options: Parameters<typeof mountMock>[0] = {}): Promise<Mounted> {
  const mounted = mountMock({ selected: DATA, view: "attributes", ...options });
  await mounted.page.findByRole("grid", { name: "Attributes" });
  return mounted;
}

const value = (page: Mounted["page"], name: string) =>
  page.getByRole("button", { name: new RegExp(`^${name}: `) });
const field = (page: Mounted["page"], name: string) =>
  page.getByRole("textbox", { name }) as HTMLTextAreaElement;
const rowOf = (page: Mounted["page"], name: string) => {
  const header = page.getByRole("rowheader", { name });
  return within(header.closest('[role="row"]') as HTMLElement);
};

describe("editing", () => {
  test("Enter keeps what was typed, with its type; old value, mark and Revert appear", async () => {
    const { model, page, user } = await openAttributes();
    await user.click(value(page, "conversion"));
    expect(field(page, "conversion").value).toBe("4.69e-6");
    await user.clear(field(page, "conversion"));
    await user.keyboard("4.69e-9{Enter}");
    await page.findByRole("button", { name: "conversion: 4.69e-9" });
    expect(model.requests("set_attribute")[0]).toMatchObject({
      path: DATA,
      name: "conversion",
      text: "4.69e-9",
    });
    expect(model.requests("set_attribute")[0]?.type).toBeUndefined();
    const row = rowOf(page, "conversion");
    row.getByText("4.69e-6");
    row.getByRole("gridcell", { name: "edited" });
    row.getByRole("button", { name: "Revert conversion" });
    expect(document.activeElement).toBe(value(page, "conversion"));
    page.getByRole("button", { name: "1 change" });
    page.getByRole("treeitem", { name: "data, edited, error" });
    await hears(page, "Set conversion to “4.69e-9”");
  });

  test("Esc restores, and sends nothing", async () => {
    const { model, page, user } = await openAttributes();
    value(page, "unit").focus();
    await user.keyboard("{F2}");
    await user.clear(field(page, "unit"));
    await user.keyboard("furlongs{Escape}");
    page.getByRole("button", { name: "unit: mV" });
    expect(document.activeElement).toBe(value(page, "unit"));
    expect(model.requests("set_attribute")).toEqual([]);
  });

  test("Tab keeps and goes on to the next, Shift-Tab to the one before", async () => {
    const { model, page, user } = await openAttributes();
    await user.click(value(page, "unit"));
    await user.clear(field(page, "unit"));
    await user.keyboard("volts");
    await user.tab();
    await page.findByRole("button", { name: "unit: volts" });
    expect(document.activeElement).toBe(field(page, "offset"));
    await user.tab({ shift: true });
    expect(document.activeElement).toBe(await page.findByRole("textbox", { name: "unit" }));
    expect(model.requests("set_attribute")).toHaveLength(1);
  });

  test("a text that is not of the type stays in its field with the reason, until it is mended", async () => {
    const { page, user } = await openAttributes();
    await user.click(value(page, "conversion"));
    await user.clear(field(page, "conversion"));
    await user.keyboard("fast{Enter}");
    await page.findByText(/“fast” is not a float32\. Type a value of this type/);
    expect(field(page, "conversion").getAttribute("aria-invalid")).toBe("true");
    expect(document.activeElement).toBe(field(page, "conversion"));
    page.getByRole("button", { name: "0 changes" });
    await user.clear(field(page, "conversion"));
    await user.keyboard("1.5{Enter}");
    await page.findByRole("button", { name: "conversion: 1.5" });
  });

  test("the check while typing hints, but never stands in the way of Enter", async () => {
    const { model, page, user } = await openAttributes();
    await user.click(value(page, "unit"));
    await user.clear(field(page, "unit"));
    await user.keyboard("kV");
    await page.findByText("Must be “volts”; the scale belongs in conversion.");
    expect(field(page, "unit").getAttribute("aria-invalid")).toBe("true");
    expect(model.requests("check_text").at(-1)).toMatchObject({ path: DATA, name: "unit", text: "kV" });
    await user.keyboard("{Enter}");
    await page.findByRole("button", { name: "unit: kV" });
    rowOf(page, "unit").getByText("Must be “volts”; the scale belongs in conversion.");
  });

  test("an unchanged text is no edit", async () => {
    const { model, page, user } = await openAttributes();
    await user.click(value(page, "unit"));
    await user.keyboard("{Enter}");
    page.getByRole("button", { name: "unit: mV" });
    expect(model.requests("set_attribute")).toEqual([]);
  });

  test("what was typed is still there after looking at another node", async () => {
    const { model, page, user } = await openAttributes();
    await user.click(value(page, "unit"));
    await user.clear(field(page, "unit"));
    await user.keyboard("vol");
    model.set("selected", "/units");
    await page.findByRole("button", { name: /^colnames/ });
    model.set("selected", DATA);
    await page.findByRole("textbox", { name: "unit" });
    expect(field(page, "unit").value).toBe("vol");
    expect(model.requests("set_attribute")).toEqual([]);
  });

  test("arrow keys go from value to value", async () => {
    const { page } = await openAttributes();
    value(page, "conversion").focus();
    press("ArrowDown");
    expect(document.activeElement).toBe(value(page, "unit"));
    press("End");
    expect(document.activeElement).toBe(value(page, "probe_note"));
  });
});

describe("adding and deleting", () => {
  test("a new attribute has a name, a type and a value", async () => {
    const { model, page, user } = await openAttributes();
    await user.click(page.getByRole("button", { name: "Add attribute" }));
    expect(document.activeElement).toBe(page.getByRole("textbox", { name: "Name of the new attribute" }));
    await user.keyboard("gain");
    await user.selectOptions(page.getByRole("combobox", { name: "Type" }), "int32");
    await user.type(page.getByRole("textbox", { name: "Value of the new attribute" }), "250{Enter}");
    await page.findByRole("button", { name: "gain: 250" });
    expect(model.requests("set_attribute")[0]).toMatchObject({ name: "gain", type: "int32", text: "250" });
    rowOf(page, "gain").getByRole("gridcell", { name: "added" });
  });

  test("a name that is taken, or none, is refused before anything is sent", async () => {
    const { model, page, user } = await openAttributes();
    await user.click(page.getByRole("button", { name: "Add attribute" }));
    await user.type(page.getByRole("textbox", { name: "Value of the new attribute" }), "x{Enter}");
    await page.findByText("Type a name first.");
    await user.type(page.getByRole("textbox", { name: "Name of the new attribute" }), "unit");
    await user.type(page.getByRole("textbox", { name: "Value of the new attribute" }), "{Enter}");
    await page.findByText("“unit” exists.");
    expect(model.requests("set_attribute")).toEqual([]);
    await user.keyboard("{Escape}");
    expect(page.queryByRole("textbox", { name: "Name of the new attribute" })).toBeNull();
  });

  test("a deleted attribute stays in sight, struck, until it is reverted", async () => {
    const { page, user } = await openAttributes();
    await user.click(page.getByRole("button", { name: "Delete probe_note" }));
    await page.findByRole("button", { name: "probe_note: deleted" });
    await user.click(page.getByRole("button", { name: "Revert probe_note" }));
    await page.findByRole("button", { name: "probe_note: ref: tip, gain 250" });
  });

  test("nothing can be edited in a file that is read-only", async () => {
    const { model, page, user } = await openAttributes({ readOnly: "The file is open for reading." });
    expect(page.getByRole("button", { name: "Add attribute" }).hasAttribute("disabled")).toBe(true);
    await user.click(value(page, "unit"));
    expect(page.queryByRole("textbox", { name: "unit" })).toBeNull();
    expect(page.queryByRole("button", { name: "Delete unit" })).toBeNull();
    expect(model.requests("set_attribute")).toEqual([]);
  });
});

test("a reference is followed by a click", async () => {
  const { model, page, user } = await openAttributes({ selected: "/acquisition/TwoPhotonSeries" });
  await user.click(page.getByRole("button", { name: "imaging_plane: /general/optophysiology/plane_1" }));
  expect(model.get("selected")).toBe("/general/optophysiology/plane_1");
});

describe("undo and redo", () => {
  test("say what they would do, by button and by key", async () => {
    const { page, user } = await openAttributes();
    await user.click(value(page, "unit"));
    await user.clear(field(page, "unit"));
    await user.keyboard("volts{Enter}");
    await page.findByRole("button", { name: "unit: volts" });
    await user.click(page.getByRole("button", { name: "Undo: set unit" }));
    await page.findByRole("button", { name: "unit: mV" });
    page.getByRole("tree").focus();
    press("z", { ctrlKey: true, shiftKey: true });
    await page.findByRole("button", { name: "unit: volts" });
    press("z", { ctrlKey: true });
    await page.findByRole("button", { name: "unit: mV" });
    page.getByRole("button", { name: "Nothing to undo" });
  });

  test("leave the field alone while typing", async () => {
    const { model, page, user } = await openAttributes();
    await user.click(value(page, "unit"));
    press("z", { ctrlKey: true });
    expect(model.requests("undo")).toEqual([]);
    expect(document.activeElement).toBe(field(page, "unit"));
  });
});

test("an edit made in Python appears here", async () => {
  const { model, page } = await openAttributes();
  const { body } = model.session.answer({ op: "set_attribute", path: DATA, name: "unit", text: "volts" });
  model.say({ ...body, id: "" });
  await page.findByRole("button", { name: "unit: volts" });
  await waitFor(() => page.getByRole("treeitem", { name: "data, edited" }));
});
