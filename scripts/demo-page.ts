// SPDX-License-Identifier: Apache-2.0
// The demo at the counter: a real browser with a camera that films a QR code, operated as a clerk would.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { writeQrVideo } from './qr-video.ts';

/** A counter that is open in a browser. */
export interface CounterPage {
  /** The request the page shows now: `ZLQ1:…`. */
  request(): Promise<string>;
  /** Films a code and gives the verdict the page shows. */
  scan(code: string): Promise<string>;
  /** Presses Recognise and gives the outcome shown. */
  recognise(): Promise<string>;
}

/** A browser at the counters of several gateways. */
export interface CounterBrowser {
  open(counter: {
    readonly url: string;
    readonly token: string;
    readonly fingerprint: string;
  }): Promise<CounterPage>;
  close(): Promise<void>;
}

/** Starts a browser whose only camera shows what `scan` puts before it. */
export async function openCounterBrowser(executablePath: string): Promise<CounterBrowser> {
  const folder = mkdtempSync(join(tmpdir(), 'zl-demo-'));
  const video = join(folder, 'code.y4m');
  writeQrVideo(video, 'nothing yet');
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${video}`,
    ],
  });
  return {
    open: (counter) => openCounter(browser, video, counter),
    async close() {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openCounter(
  browser: Browser,
  video: string,
  counter: { readonly url: string; readonly token: string; readonly fingerprint: string },
): Promise<CounterPage> {
  const context = await browser.newContext({ locale: 'en', permissions: ['camera'] });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(`${counter.url}/#/counter`);
  await page.locator('#fingerprint-end').fill(counter.fingerprint.slice(-20));
  await page.keyboard.press('Enter');
  await page.locator('#token').fill(counter.token);
  await page.keyboard.press('Enter');
  await page.locator('#request-text').waitFor({ state: 'attached' });
  return {
    request: () => readRequest(page),
    scan: (code) => scan(page, video, code),
    async recognise() {
      await page.locator('section:has(#recognition-title) button.primary').click();
      const shown = page.locator('[data-recognition]');
      return (await shown.getAttribute('data-recognition')) ?? '';
    },
  };
}

async function readRequest(page: Page): Promise<string> {
  await startAnew(page);
  return (await page.locator('#request-text').textContent())?.trim() ?? '';
}

async function scan(page: Page, video: string, code: string): Promise<string> {
  await startAnew(page);
  writeQrVideo(video, code);
  await page.locator('.camera-start').click();
  return (await page.locator('[data-verdict]').getAttribute('data-verdict')) ?? '';
}

/** After a verdict the page waits for the clerk to go on. */
async function startAnew(page: Page): Promise<void> {
  const again = page.getByRole('button', { name: /核验下一份|Check the next one/ });
  if (await again.isVisible()) await again.click();
}
