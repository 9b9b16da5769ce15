import { existsSync } from "node:fs";
import { platform } from "node:os";
import { lacks } from "../needs.ts";
import { type Browser, lacksHosts, type Playwright, require } from "./tools.ts";

const places: Readonly<Record<string, readonly string[]>> = {
  linux: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
  darwin: [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ],
};

const path = process.env.WARDIAN_CHROMIUM ?? places[platform()]?.find((candidate) => existsSync(candidate));

/** Whether tests in it are left out. */
export const lacksChromium: boolean =
  lacksHosts || lacks("Chromium (Debian: apt-get install chromium; or WARDIAN_CHROMIUM)", path !== undefined);

/** Starts the machine's browser with an empty profile of its own, and without its calls home. */
export function launchChromium(): Promise<Browser> {
  const { chromium } = require("playwright-core") as Playwright;
  return chromium.launch({
    executablePath: path,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
