// SPDX-License-Identifier: Apache-2.0
// A gateway asks for co-signed evidence of a revoked licence while one organisation denies the revocation: its counter is shown the truth and the
// dissenter, checked by the page's own code in a browser; its trace names the dissenter, and its store keeps the signed answer.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { decodeAnswer, endorserMsp } from '@zhenglian/core/cosigned-answer';
import { parseWire } from '@zhenglian/core/wire';
import { openStore } from '@zhenglian/gateway/store/open-store';
import { entriesFrom, nextEntry } from '@zhenglian/gateway/trace/trace-rows';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { findChromium } from '../chromium.ts';
import type { DeskGateways } from './desk.ts';
import { demand } from './drill.ts';
import type { Stage } from './drill.ts';
import { until } from './steady.ts';

const WAIT_MS = 60_000;

/** Looks at what the lie came to at the desk's gateway. @throws Error unless it is shown, traced and kept */
export async function lookAtGateway(stage: Stage, liar: string, code: string): Promise<void> {
  const { gateways } = stage.desk;
  if (gateways === undefined) return;
  const executablePath = findChromium();
  if (executablePath === undefined) {
    stage.say('NOT checked in a browser: no Chromium on PATH or in CHROMIUM');
    await askAsCounter(gateways, liar, code);
  } else await lookAtPage(stage, executablePath, liar, code);
  await lookAtStore(stage, gateways, liar);
}

/** A known dissenter is asked once a minute, and may answer too late to be heard. */
async function askAsCounter({ office }: DeskGateways, liar: string, code: string): Promise<void> {
  const { kid, epoch, index } = parseWire(code);
  await until('dissent in the evidence of a gateway', async () => {
    const answer = decodeAnswer(await office.evidence({ kid, epoch, index }));
    return dissenters(answer).includes(liar);
  });
}

/** The page fetches the evidence itself, checks it, and tells the clerk who dissents. */
async function lookAtPage(
  { issuing, say, desk }: Stage,
  executablePath: string,
  liar: string,
  code: string,
): Promise<void> {
  const network = desk.gateways?.network;
  if (network === undefined) return;
  const { msp } = issuing.ledger;
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-background-networking'],
  });
  try {
    const context = await browser.newContext({ locale: 'en' });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    await openCounter(page, network, msp);
    const notice = page.locator(`[data-dissent] [data-msp="${liar}"]`);
    const verdicts: string[] = [];
    await until('dissent on the page', async () => {
      verdicts.push(await check(page, code));
      return (await notice.count()) > 0;
    });
    const verdict = [...new Set(verdicts)].join(', ');
    demand(verdict === 'REVOKED', `the page's verdict is ${verdict}`);
    const words = (await notice.textContent())?.trim() ?? '';
    say(`checked in a browser: ${verdict}; it tells the clerk: ${words}`);
  } finally {
    await browser.close();
  }
}

async function openCounter(page: Page, { tour }: DeskGateways['network'], msp: string) {
  const url = tour.services.find(({ name }) => name === msp)?.url ?? '';
  const token = tour.tokens.find((each) => each.service === msp && each.role === 'clerk')?.token;
  await page.goto(`${url}/#/counter`);
  await page.locator('#fingerprint-end').fill(tour.fingerprint.slice(-20));
  await page.keyboard.press('Enter');
  await page.locator('#token').fill(token ?? '');
  await page.keyboard.press('Enter');
  await page.locator('#gun').waitFor();
}

async function check(page: Page, code: string): Promise<string> {
  const again = page.getByRole('button', { name: 'Check the next one' });
  if (await again.isVisible()) await again.click();
  await page.locator('#gun').fill(code);
  await page.locator('#gun').press('Enter');
  return (await page.locator('[data-verdict]').getAttribute('data-verdict')) ?? 'none';
}

/** The gateway is stopped for it: a store has one owner. The officer waits meanwhile. */
async function lookAtStore(
  { issuing, say }: Stage,
  { network }: DeskGateways,
  liar: string,
): Promise<void> {
  const { msp } = issuing.ledger;
  await network.processes.get(msp)?.stop();
  const dataDir = join(network.dataDir, 'gateways', msp);
  const store = await openStore({
    ...{ dataDir, msp, random: (length) => new Uint8Array(randomBytes(length)) },
    store: { masterKeyPath: join(dataDir, 'master.key') },
  });
  try {
    const trace = store.trace(store.traceName);
    const requests: string[] = [];
    for await (const entries of entriesFrom(trace, 0, await nextEntry(trace))) {
      for (const { detail } of entries.filter(({ kind }) => kind === 'dissent')) {
        demand(detail['from'] === liar, `the trace names ${String(detail['from'])}`);
        requests.push(String(detail['request']));
      }
    }
    demand(requests.length > 0, 'the trace names no dissenter');
    for (const request of requests) {
      const kept = await store.desk.get(`dissent/${request}`);
      demand(kept !== undefined, `the answer ${request} was not kept`);
      const names = dissenters(decodeAnswer(kept)).join();
      demand(names === liar, `the kept answer is one of ${names || 'nobody'}`);
    }
    say(
      `the trace of the gateway of ${msp} names ${liar}, ${String(requests.length)} time(s); the signed answer is in its store`,
    );
  } finally {
    await store.close();
  }
  await network.restart(msp);
}

function dissenters({ dissent = [] }: ReturnType<typeof decodeAnswer>): string[] {
  return dissent.map(({ endorser }) => endorserMsp(endorser));
}
