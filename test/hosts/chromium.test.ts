import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle } from "./bundle.ts";
import { lacksChromium, launchChromium } from "./chromium.ts";
import { expectRight, workFor } from "./inputs.ts";
import { readReport } from "./program.ts";
import type { Report, Work } from "./room/work.ts";
import type { Browser } from "./tools.ts";

describe.skipIf(lacksChromium)("Chromium", { timeout: 600_000 }, () => {
  let server: Server;
  let browser: Browser;
  let work = "";
  let reported: (report: string) => void;
  beforeAll(async () => {
    const files: Record<string, string> = {
      "/room.js": await bundle("room/main.ts"),
      // The page itself begins: what a debugger evaluates in a page may make code from text, whatever the page's policy.
      "/begin.js": `fetch("/work").then((work) => work.text()).then(wardianRoom)
        .catch((error) => JSON.stringify({ failed: String(error.stack).slice(0, 1500) }))
        .then((report) => fetch("/report", { method: "POST", body: report }));`,
    };
    server = createServer(async (request, response) => {
      const url = request.url ?? "";
      if (files[url] !== undefined) response.setHeader("content-type", "text/javascript").end(files[url]);
      else if (url === "/work") response.end(work);
      else if (url === "/report") {
        let report = "";
        for await (const chunk of request) report += chunk;
        response.end();
        reported(report);
      } else {
        response.setHeader("content-type", "text/html");
        if (url === "/strict") response.setHeader("content-security-policy", "default-src 'self'");
        response.end('<!doctype html><script src="/room.js"></script><script src="/begin.js"></script>');
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    browser = await launchChromium();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  async function run(path: string, given: Work): Promise<Report> {
    const page = await browser.newPage();
    try {
      work = JSON.stringify(given);
      const report = new Promise<string>((resolve) => {
        reported = resolve;
      });
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
      return readReport(await report);
    } finally {
      await page.close();
    }
  }

  it("under a strict content security policy: the interpreter", async () => {
    const work = workFor("interpreter");
    expectRight(await run("/strict", work), work);
  });

  it("without one: the compiler", async () => {
    const work = workFor("compiler");
    expectRight(await run("/", work), work, "quiet");
  });

  it("without one: the platform", async () => {
    const { scripts: all, ...work } = workFor("platform");
    // A call with values as bits takes a memory for each function here, and this script has more functions than there is room for memories.
    const scripts = all.filter(({ name }) => name !== "spec/core/names.wast");
    // V8 keeps room for few memories in a page, and a page that never waits lets none of them go: the suite goes through several pages.
    const reports = [await run("/", { ...work, scripts: [] })];
    for (let i = 0; i < scripts.length; i += 5)
      reports.push(await run("/", { ...work, kernels: [], scripts: scripts.slice(i, i + 5) }));
    const suite = {
      passed: reports.reduce((sum, report) => sum + report.suite.passed, 0),
      // Here V8 tells two traps with one message.
      failures: reports
        .flatMap((report) => report.suite.failures)
        .filter(
          (failure) => !/expected a Trap: invalid conversion to integer, got \w+: integer overflow/.test(failure),
        ),
    };
    expectRight({ ...reports[0], suite }, { ...work, scripts });
  });

  it("auto finds out which", async () => {
    const work = { ...workFor("auto"), scripts: [], kernels: [] };
    const strict = await run("/strict", work);
    expect(strict.engine).toBe("interpreter");
    expect(strict.reason).toMatch(/platform: .*compiler: /);
    expect((await run("/", work)).engine).toBe("platform");
  });
});
