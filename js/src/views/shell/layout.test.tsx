import { waitFor } from "@testing-library/preact";
import { afterEach, expect, test, vi } from "vitest";
import { mountMock, press, unmountAll } from "../../../dev/harness.ts";

afterEach(unmountAll);

const now = (edge: HTMLElement) => Number(edge.getAttribute("aria-valuenow"));

test("the edge of the tree moves by arrow keys, ten steps with Shift, within its limits", async () => {
  const { page } = mountMock({ view: "attributes" });
  const edge = await page.findByRole("separator", { name: "Width of the tree" });
  expect(now(edge)).toBe(288);
  edge.focus();
  press("ArrowRight");
  await waitFor(() => expect(now(edge)).toBe(296));
  press("ArrowLeft", { shiftKey: true });
  await waitFor(() => expect(now(edge)).toBe(216));
  press("ArrowLeft", { shiftKey: true });
  await waitFor(() => expect(now(edge)).toBe(200));
  press("End");
  await waitFor(() => expect(now(edge)).toBe(480));
});

test("the height follows Python, and Python follows the lower edge", async () => {
  const { model, page } = mountMock({ view: "attributes", height: 400 });
  const edge = await page.findByRole("separator", { name: "Height of the explorer" });
  const root = page.getByRole("region", { name: "LINDI explorer" });
  expect(root.style.height).toBe("400px");
  edge.focus();
  press("ArrowDown");
  await waitFor(() => expect(root.style.height).toBe("408px"));
  expect(model.get("height")).toBe(408);
  model.set("height", 5000);
  await waitFor(() => expect(root.style.height).toBe("1200px"));
});

test("in a narrow place the tree is a drawer that closes when a row is picked", async () => {
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(480);
  const { model, host, page, user } = mountMock({ view: "attributes" });
  const toggle = await page.findByRole("button", { name: /^Show tree/ });
  await waitFor(() => expect(page.queryByRole("tree")).toBeNull());
  await user.click(toggle);
  const row = await page.findByRole("treeitem", { name: "units" });
  expect(document.activeElement).toBe(page.getByRole("tree"));
  await user.click(row);
  expect(model.get("selected")).toBe("/units");
  await waitFor(() => expect(page.queryByRole("tree")).toBeNull());
  expect(host.contains(document.activeElement)).toBe(true);
});
