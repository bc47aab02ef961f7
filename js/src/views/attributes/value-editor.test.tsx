import { afterEach, expect, test } from "vitest";
import { mountMock, unmountAll } from "../../../dev/harness.ts";

const AGE = "/general/subject/age";

afterEach(unmountAll);

test("the value of a dataset is edited in its preview, and taken back there", async () => {
  const { model, page, user } = mountMock({ selected: AGE, view: "preview" });
  (await page.findByRole("button", { name: "age: ten days" })).focus();
  await user.keyboard("{F2}");
  const field = page.getByRole("textbox", { name: "age" });
  await user.clear(field);
  await user.keyboard("P10D{Enter}");
  const value = await page.findByRole("button", { name: "age: P10D" });
  expect(document.activeElement).toBe(value);
  expect(model.requests("set_value")).toEqual([expect.objectContaining({ path: AGE, text: "P10D" })]);
  page.getByText("ten days");
  await user.click(page.getByRole("button", { name: "Revert" }));
  await page.findByRole("button", { name: "age: ten days" });
});

test("Esc leaves the value as it was", async () => {
  const { model, page, user } = mountMock({ selected: AGE, view: "preview" });
  await user.click(await page.findByRole("button", { name: "age: ten days" }));
  await user.keyboard("x{Escape}");
  page.getByRole("button", { name: "age: ten days" });
  expect(model.requests("set_value")).toEqual([]);
});
