import { expect, test } from "vitest";
import type { ViewContext } from "../../state/context.ts";
import { recall } from "./memory.ts";

const ctx = () => ({}) as ViewContext;

test("what was looked at is found again, also when the data has grown", () => {
  const here = ctx();
  recall(here, "/a", [100, 4]).selections.line = "90:100, :";
  expect(recall(here, "/a", [100, 4]).selections.line).toBe("90:100, :");
  expect(recall(here, "/a", [200, 4]).selections.line).toBe("90:100, :");
});

test.each([[[50, 4]], [[100]], [[100, 4, 1]], [null]])(
  "data that has become %j is looked at anew",
  (shape) => {
    const here = ctx();
    const memory = recall(here, "/a", [100, 4]);
    memory.selections.line = "90:100, :";
    memory.agreed = 1000;
    memory.taken = { path: "/a", text: "90:100, :" };
    expect(recall(here, "/a", shape)).toMatchObject({ selections: {}, agreed: 0, taken: memory.taken });
  },
);
