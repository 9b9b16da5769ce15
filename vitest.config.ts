import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const packages = fileURLToPath(new URL("./packages", import.meta.url));

export default defineConfig({
  resolve: {
    // Tests run the sources, so that a failure points at the line that is wrong.
    alias: [
      { find: /^@wardian\/([\w-]+)$/, replacement: `${packages}/$1/src/index.ts` },
      { find: /^@wardian\/runtime\/(node|webassembly)$/, replacement: `${packages}/runtime/src/$1/index.ts` },
      { find: /^@wardian\/([\w-]+)\/([\w-]+)$/, replacement: `${packages}/$1/src/$2.ts` },
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
    // No test depends on how fast the machine is; this ends only what hangs.
    testTimeout: 600_000,
  },
});
