// SPDX-License-Identifier: Apache-2.0
// `npm run demo`: the whole tour by itself, through HTTP, the command line and the page only. Exits with 1 when any
// outcome is not the expected one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findChromium } from './chromium.ts';
import { createDemoClient } from './demo-client.ts';
import type { DemoClient } from './demo-client.ts';
import { openCounterBrowser } from './demo-page.ts';
import type { CounterPage } from './demo-page.ts';
import { runWallet, runReplay } from './demo-commands.ts';
import { firstFreePort } from './free-ports.ts';
import { readOptions } from './read-options.ts';
import { runNetwork } from './running-network.ts';
import type { RunningNetwork, Tour } from './running-network.ts';
import { generateSamples } from './samples.ts';
import { engineOf } from './tour-engine.ts';

const HELP = `npm run demo [-- options]   mints, anchors, claims, shows, verifies, revokes, recognises and replays

  --ledger fabric   on real Hyperledger Fabric nodes (its programs on PATH or in FABRIC_BIN, FABRIC_PORT or free ports)
  --json            prints the outcomes as JSON
  --help            this text

Needs an installed Chromium or Chrome (CHROMIUM names one) for the counter; without one it says so and fails.`;

interface Outcome {
  readonly step: string;
  readonly expected: string;
  readonly seen: string;
}

const options = readOptions(HELP, {
  ledger: { type: 'string', default: 'embedded' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
});
if (options.help) console.log(HELP);
else {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}

async function main(): Promise<void> {
  const chromium = findChromium();
  if (chromium === undefined) {
    console.error(
      'The demo needs an installed Chromium or Chrome: put one on PATH or set CHROMIUM.',
    );
    process.exitCode = 1;
    return;
  }
  const engine = await engineOf(options.ledger, process.env, firstFreePort);
  const folder = mkdtempSync(join(tmpdir(), 'zhenglian-demo-'));
  const progress = (line: string) => {
    console.error(`  ${line} …`);
  };
  const outcomes: Outcome[] = [];
  const run = { dataDir: folder, progress, ...engine };
  const network = await runNetwork(run).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  try {
    await tour(network, chromium, (step, expected, seen) => {
      outcomes.push({ step, expected, seen });
      console.error(
        `  ${seen === expected ? '✔' : '✘ expected ' + expected + ':'} ${step}: ${seen}`,
      );
    });
  } catch (error) {
    outcomes.push({ step: 'the demo itself', expected: 'done', seen: String(error) });
    console.error(error);
  } finally {
    await network.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const failed = outcomes.filter(({ expected, seen }) => expected !== seen);
  if (options.json) console.log(JSON.stringify({ ok: failed.length === 0, outcomes }));
  else
    console.log(
      `${String(outcomes.length - failed.length)} as expected, ${String(failed.length)} not`,
    );
  if (failed.length > 0) process.exitCode = 1;
}

type Expect = (step: string, expected: string, seen: string) => void;

/** The tour, in the order of a licence's life. */
async function tour(network: RunningNetwork, chromium: string, expect: Expect): Promise<void> {
  const { tour: where, dataDir } = network;
  const officer = clientOf(where, 'P44', 'officer');
  await importSamples(officer, expect);
  const id = await findDriver(officer);
  const wallet = join(dataDir, 'wallet');
  await runWallet(wallet, ['init']);
  const { code } = await officer.claimCode(id);
  await runWallet(wallet, [
    'claim',
    code,
    '--gateway',
    urlOf(where, 'P44'),
    '--fingerprint',
    where.fingerprint,
  ]);

  const browser = await openCounterBrowser(chromium);
  try {
    const home = await browser.open(counterOf(where, 'P44'));
    const away = await browser.open(counterOf(where, 'P33'));
    expect('the phone answers the request of a counter at home', 'VALID', await show(home, wallet));
    const printed = await officer.printedCode(id, 'roadside');
    expect('the printed card at home', 'VALID', await home.scan(printed));
    expect('the phone in the other province', 'VALID', await show(away, wallet));
    expect('recognised under the rule both signed', 'recognised', await away.recognise());
    await recogniseWithoutRule(officer, away, expect);
    const before = new Date().toISOString();
    await sleep(2000); // the ledger's clock counts whole seconds
    await officer.setStatus(id, 'revoked');
    expect('the phone after the revocation', 'REVOKED', await show(home, wallet));
    expect('the printed card after the revocation, elsewhere', 'REVOKED', await away.scan(printed));
    await replay(network, id, before, expect);
  } finally {
    await browser.close();
  }
}

async function importSamples(officer: DemoClient, expect: Expect): Promise<void> {
  for (const { name, text, rows } of generateSamples('demo')) {
    const type = name.replace('.csv', '');
    const job = await officer.importCsv(type, text);
    expect(
      `${String(rows)} licences imported and anchored: ${type}`,
      `${String(rows)} of ${String(rows)}`,
      `${String(job.anchored)} of ${String(job.total)}`,
    );
  }
}

/** A driver of the sample whose classes the rule names. */
async function findDriver(officer: DemoClient): Promise<string> {
  const drivers = generateSamples('demo').find(({ name }) => name === 'driving.csv');
  const [header = '', ...lines] = (drivers?.text ?? '').trim().split('\n');
  const place = (field: string) => header.split(',').indexOf(field);
  const row = lines
    .map((line) => line.split(','))
    .find((cells) => cells[place('classes')] === 'C1');
  return officer.find('driving', row?.[place('licenceNo')] ?? '');
}

/** The wallet answers what the page asks; the page films the answer. */
async function show(counter: CounterPage, wallet: string): Promise<string> {
  const request = await counter.request();
  const shown = await runWallet(wallet, [
    'present',
    'driving',
    '--set',
    'roadside',
    '--request',
    request,
    '--text',
    '--yes',
  ]);
  return counter.scan(shown);
}

/** A business licence: no rule was agreed, so the other province does not know. */
async function recogniseWithoutRule(
  officer: DemoClient,
  away: CounterPage,
  expect: Expect,
): Promise<void> {
  const businesses = generateSamples('demo').find(({ name }) => name === 'business.csv');
  const [, first = ''] = (businesses?.text ?? '').split('\n');
  const id = await officer.find('business', first.split(',')[0] ?? '');
  const verdict = await away.scan(await officer.printedCode(id, 'counter'));
  expect('a business licence in the other province', 'VALID', verdict);
  expect('recognition without a rule', 'unknown', await away.recognise());
}

async function replay(
  { tour: where, dataDir }: RunningNetwork,
  id: string,
  before: string,
  expect: Expect,
): Promise<void> {
  const regulator = clientOf(where, 'REG', 'regulator');
  expect('the trail at the regulator', 'proven', await regulator.trailChecked(id, 'P44'));
  expect('the verdict before the revocation', 'VALID', await runReplay(dataDir, id, before));
  const now = new Date().toISOString();
  expect('the verdict now', 'REVOKED', await runReplay(dataDir, id, now));
}

function clientOf(tour: Tour, service: string, role: string): DemoClient {
  const token = tour.tokens.find((t) => t.service === service && t.role === role)?.token ?? '';
  return createDemoClient(urlOf(tour, service), token);
}

function counterOf(tour: Tour, service: string) {
  const token = tour.tokens.find((t) => t.service === service && t.role === 'clerk')?.token ?? '';
  return { url: urlOf(tour, service), token, fingerprint: tour.fingerprint };
}

function urlOf(tour: Tour, service: string): string {
  return tour.services.find((s) => s.name === service)?.url ?? '';
}
