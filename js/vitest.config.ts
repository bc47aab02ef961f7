import { defineConfig } from "vitest/config";

export default defineConfig({
  cacheDir: "../node_modules/.vite",
  // The same JSX as the bundle, see build.mjs.
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["dev/test-setup.ts"],
    globals: false,
    restoreMocks: true,
    unstubGlobals: true,
    // An error nobody awaited, or a warning on the console, is a failure.
    dangerouslyIgnoreUnhandledErrors: false,
    onConsoleLog(log, type) {
      if (type === "stderr") throw new Error(`A test wrote to the console: ${log}`);
    },
  },
});
