// SPDX-License-Identifier: Apache-2.0
// A counter at work: a fake gateway with genuine evidence, a pinned and signed-in page, codes to show it.
import { toHex } from '@zhenglian/core/bytes';
import type { Copy } from '@zhenglian/core/copy';
import { provePossession } from '@zhenglian/core/possession';
import { presentSet } from '@zhenglian/core/presentation';
import { parseRequest } from '@zhenglian/core/request';
import type { Signer } from '@zhenglian/core/signing';
import { DRIVING } from '@zhenglian/core/types/driving';
import { formatWire } from '@zhenglian/core/wire';
import type { Wire } from '@zhenglian/core/wire';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openPage } from './browser.ts';
import { createSm2Signer, EvidenceMaker } from './evidence-maker.ts';
import { startFakeGateway, TOKENS } from './fake-gateway.ts';
import type { FakeGateway } from './fake-gateway.ts';

/** Everything a test of the counter needs. */
export interface Scene {
  readonly maker: EvidenceMaker;
  readonly holder: Signer;
  /** Index 0 a document, index 1 a device copy of `holder`. */
  readonly copies: readonly [Copy, Copy];
  readonly gateway: FakeGateway;
}
/** A page that has been opened, pinned and signed in. */
export interface Counter {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly errors: string[];
}

/** Starts the gateway of `msp` (P33 issued the copies). */
export async function createScene(msp = 'P33'): Promise<Scene> {
  const maker = await EvidenceMaker.create();
  const holder = createSm2Signer();
  const copies = [maker.mint(0), maker.mint(1, { holder })] as const;
  return { maker, holder, copies, gateway: await startFakeGateway(maker, copies, { msp }) };
}

/** Opens the counter and does what a clerk does in the morning. */
export async function openCounter(
  browser: Browser,
  scene: Scene,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Counter> {
  const opened = await openPage(browser, options);
  await opened.page.goto(scene.gateway.url);
  await pin(opened.page, scene);
  await opened.page.getByLabel(/工作令牌|Staff token/).fill(TOKENS.clerk);
  await opened.page.keyboard.press('Enter');
  await opened.page.locator('.qr').waitFor();
  return opened;
}

/** Types the end of the fingerprint, as from paper. */
export async function pin(page: Page, { maker }: Scene): Promise<void> {
  await page.locator('#fingerprint-end').fill(toHex(maker.networkId).slice(-20));
  await page.keyboard.press('Enter');
}

/** Code of the printed document, or of another copy's. */
export function documentCode(copy: Copy, set = 'roadside'): string {
  return formatWire(wireOf(copy, set));
}

/** The answer of the holder's wallet to what the page shows now. */
export async function answerRequest(page: Page, scene: Scene): Promise<string> {
  const text = (await page.locator('#request-text').textContent()) ?? '';
  return phoneCode(scene, { request: parseRequest(text) });
}

/** A code by phone: with a fresh proof, for a request where there is one. */
export function phoneCode(
  { copies, holder, maker }: Scene,
  context: Partial<Parameters<typeof provePossession>[2]> = {},
): string {
  const { networkId } = maker;
  const at = Math.floor(Date.now() / 1000);
  return formatWire(
    provePossession(wireOf(copies[1], 'roadside'), holder, { networkId, at, ...context }),
  );
}

/** Enters a code and gives the verdict. */
export async function checkCode(page: Page, code: string): Promise<string | null> {
  const again = page.getByRole('button', { name: /核验下一份|Check the next one/ });
  if (await again.isVisible()) await again.click();
  await page.locator('#gun').fill(code);
  await page.locator('#gun').press('Enter');
  return verdictOf(page);
}

/** The verdict shown, once there is one. */
export async function verdictOf(page: Page): Promise<string | null> {
  return page.locator('[data-verdict]').getAttribute('data-verdict');
}

/** Reason code of a check, opened as a person would. */
export async function reasonOf(page: Page, check: string): Promise<string | null> {
  const row = page.locator(`[data-check="${check}"]`);
  await row.locator('summary').click();
  return row.locator('.mono').textContent();
}

function wireOf(copy: Copy, name: string): Wire {
  const set = DRIVING.sets.find((each) => each.name === name);
  if (set === undefined) throw new Error(`no set ${name}`);
  return presentSet(copy, DRIVING, set);
}
