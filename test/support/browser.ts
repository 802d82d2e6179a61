// SPDX-License-Identifier: Apache-2.0
// A real Chromium for tests of the page: found by CHROMIUM or on the PATH; without one tests are skipped and say so,
// except where CI asks for them.
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { findChromium } from '../../scripts/chromium.ts';

/** Builds the page when it is stale and starts a browser; skips the suite when there is none. */
export async function startBrowser(
  suite: Mocha.Context,
  args: readonly string[] = [],
): Promise<Browser> {
  suite.timeout(180_000);
  const executablePath = findChromium();
  if (executablePath === undefined) {
    if (process.env['CI'] === 'true') throw new Error('CI has no Chromium: set CHROMIUM');
    process.stderr.write('      no Chromium found (PATH, CHROMIUM): browser tests skipped\n');
    suite.skip();
  }
  await buildPage();
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...args] });
}

/** A page whose errors fail the test: script errors, refused content, failed requests of the page's own. */
export async function openPage(
  browser: Browser,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ page: Page; context: BrowserContext; errors: string[] }> {
  const context = await browser.newContext({
    ...{ viewport: { width: 1280, height: 900 }, locale: 'zh-CN' },
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    const text = message.text();
    const expected = /Failed to load resource|ERR_INTERNET_DISCONNECTED/.test(text);
    if (message.type() === 'error' && !expected) errors.push(text);
  });
  return { page, context, errors };
}

/** Waits until an expression holds; the page's content policy forbids the driver's own way of waiting. */
export async function waitUntil(page: Page, expression: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while ((await page.evaluate(`Boolean(${expression})`)) !== true) {
    if (Date.now() > deadline) throw new Error(`never true: ${expression}`);
    await page.waitForTimeout(50);
  }
}

/** Builds the page if its sources changed. The build script is plain JavaScript: it runs before anything is installed. */
async function buildPage(): Promise<void> {
  const script = new URL('../../scripts/build.mjs', import.meta.url).href;
  const { buildStale } = (await import(script)) as {
    buildStale: (names: readonly string[], say: (line: string) => void) => Promise<void>;
  };
  await buildStale(['web'], (line) => void process.stderr.write(`      ${line}\n`));
}
