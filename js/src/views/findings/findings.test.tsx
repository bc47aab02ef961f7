import { within } from "@testing-library/preact";
import { afterEach, expect, test } from "vitest";
import { type Mounted, mountMock, press, unmountAll } from "../../../dev/harness.ts";
import { failure } from "../../../dev/mock/failure.ts";

const DATA = "/acquisition/ElectricalSeriesLFP/data";

afterEach(unmountAll);

async function check(options: Parameters<typeof mountMock>[0] = {}): Promise<Mounted> {
  const mounted = mountMock({ selected: "/units", view: "attributes", ...options });
  const { page, user } = mounted;
  await page.findByRole("grid", { name: "Attributes" });
  await user.click(page.getByRole("button", { name: "Not checked" }));
  return mounted;
}

const dock = (page: Mounted["page"]) => within(page.getByRole("region", { name: "Findings" }));

test("the badge checks, then says what was found, then opens and closes the list", async () => {
  const { model, page, user } = await check();
  const badge = await page.findByRole("button", { name: "1 error, 1 warning" });
  expect(model.requests("validate")).toHaveLength(1);
  expect(dock(page).getAllByRole("listitem")).toHaveLength(3);
  await user.click(badge);
  expect(page.queryByRole("region", { name: "Findings" })).toBeNull();
  await user.click(badge);
  expect(dock(page).getAllByRole("listitem")).toHaveLength(3);
  expect(model.requests("validate")).toHaveLength(1);
});

test("a click jumps to the node and puts the focus into the field that is wrong", async () => {
  const { model, page, user } = await check();
  await page.findByRole("button", { name: "1 error, 1 warning" });
  await user.click(dock(page).getByRole("button", { name: /^error: unit is “mV”/ }));
  expect(model.get("selected")).toBe(DATA);
  const field = await page.findByRole("textbox", { name: "unit" });
  expect(document.activeElement).toBe(field);
});

test("the list stays while the value is corrected, and says that it is of an earlier state", async () => {
  const { page, user } = await check({ selected: DATA });
  await page.findByRole("button", { name: "1 error, 1 warning" });
  await user.click(dock(page).getByRole("button", { name: /^error: unit is “mV”/ }));
  const field = await page.findByRole("textbox", { name: "unit" });
  await user.clear(field);
  await user.keyboard("volts{Enter}");
  await page.findByRole("button", { name: "unit: volts" });
  page.getByRole("button", { name: "Not checked" });
  expect(dock(page).getAllByRole("listitem")).toHaveLength(3);
  dock(page).getByText("of an earlier state of the file");
  await user.click(dock(page).getByRole("button", { name: "Check again" }));
  await page.findByRole("button", { name: "1 warning" });
  expect(dock(page).getAllByRole("listitem")).toHaveLength(2);
});

test("f goes from finding to finding, e to what is edited", async () => {
  const { model, page } = await check({ selected: DATA });
  await page.findByRole("button", { name: "1 error, 1 warning" });
  page.getByRole("tab", { name: "JSON" }).focus();
  press("f");
  press("f");
  expect(model.get("selected")).toBe("/acquisition/eye_tracking/timestamps");
  model.send({ op: "set_attribute", id: "test:1", path: DATA, name: "unit", text: "volts" });
  await page.findByRole("button", { name: "1 change" });
  page.getByRole("tab", { name: "JSON" }).focus();
  press("e");
  await page.findByRole("button", { name: "unit: volts" });
});

test("a check that fails says why, where the findings would be", async () => {
  const { page } = await check({
    fail: ({ op }) =>
      op === "validate" ? failure("unsupported", "pynwb is not installed", "Install it.") : null,
  });
  expect((await page.findByRole("alert")).textContent).toBe("pynwb is not installed. Install it.");
  page.getByRole("button", { name: "Not checked" });
});
