import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lacksChromium, launchChromium } from "./chromium.ts";
import type { Browser, Page } from "./tools.ts";

interface Served {
  readonly server: { close(): void };
  readonly address: string;
}

interface Shown {
  readonly engine: string;
  readonly reason: string;
  readonly primes: number;
  readonly frames: number;
  readonly state: string;
}

/** How long something may take on a busy machine. */
const patience = { timeout: 60_000 };

const show = `(() => {
  const text = (id) => document.getElementById(id).textContent;
  const number = (id) => Number(text(id).replaceAll(",", ""));
  return { engine: text("engine"), reason: text("reason"), primes: number("primes"), frames: number("frames"), state: text("state") };
})()`;

describe.skipIf(lacksChromium)("the page of examples/browser", { timeout: 120_000 }, () => {
  let serve: (options: { strict: boolean }) => Promise<Served>;
  let browser: Browser;
  beforeAll(async () => {
    ({ serve } = await import(new URL("../../examples/browser/serve.mjs", import.meta.url).href));
    browser = await launchChromium();
  }, 60_000);
  afterAll(() => browser?.close());

  const shown = async (page: Page): Promise<Shown> => (await page.evaluate(show)) as Shown;

  it.each([
    { strict: true, engine: "interpreter", why: /platform: .*compiler: this platform does not let JavaScript be made/ },
    { strict: false, engine: "platform", why: /the fastest that can hold the module here/ },
  ])("draws frames while the guest runs; strict: $strict, so $engine", async ({ strict, engine, why }) => {
    const { server, address } = await serve({ strict });
    const page = await browser.newPage();
    try {
      await page.goto(address);
      await expect.poll(() => shown(page).then(({ state }) => state), patience).toBe("running");
      const first = await shown(page);
      // The guest never ends: what is awaited here goes on beside it.
      await expect.poll(() => shown(page).then(({ frames }) => frames), patience).toBeGreaterThan(first.frames + 20);
      const later = await shown(page);
      expect(later.engine).toBe(engine);
      expect(later.reason).toMatch(why);
      expect(later.state).toBe("running");
      expect(later.primes).toBeGreaterThan(first.primes);
      if (process.env.WARDIAN_SCREENSHOTS !== undefined)
        await page.screenshot({ path: `${process.env.WARDIAN_SCREENSHOTS}/${engine}.png` });
      await page.evaluate("document.getElementById('stop').click()");
      await expect.poll(() => shown(page).then(({ state }) => state), patience).toBe("stopped: aborted");
    } finally {
      await page.close();
      server.close();
    }
  });
});
