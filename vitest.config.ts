import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    // Tests run the sources, so that a failure points at the line that is wrong.
    alias: [
      { find: /^@wardian\/([\w-]+)$/, replacement: fileURLToPath(new URL("./packages/$1/src/index.ts", import.meta.url)) },
      {
        find: /^@wardian\/([\w-]+)\/([\w-]+)$/,
        replacement: fileURLToPath(new URL("./packages/$1/src/$2.ts", import.meta.url)),
      },
    ],
  },
  test: {
    include: [
      "test/**/*.test.ts",
      "packages/*/src/**/*.test.ts",
      "packages/*/test/**/*.test.ts",
      "conformance/**/*.test.ts",
      "bench/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "**/dist/**"],
    maxWorkers: 2,
  },
});
