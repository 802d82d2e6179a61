// SPDX-License-Identifier: Apache-2.0
// The same figures from a page in Chromium, under a strict CSP: the package bundled by esbuild as in guomi-load.ts,
// served from localhost, driven by playwright-core.
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { findChromium } from '../chromium.ts';
import type { BenchResult, BenchRow } from './main.ts';
import { UsageError } from './parts/options.ts';

const CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

/** Runs the page and returns its rows. */
export async function bench(): Promise<BenchResult> {
  return { rows: await browserRows() };
}

/** The figures of the page as rows. */
export async function browserRows(): Promise<BenchRow[]> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new UsageError('no Chromium or Chrome was found: install one, or name it with CHROMIUM');
  }
  const server = await serve(await bundle());
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await page.goto(`http://localhost:${port}/`, { timeout: 120_000 });
    await page.waitForFunction('globalThis.figures !== undefined', undefined, { timeout: 120_000 });
    const figures: unknown = await page.evaluate('globalThis.figures');
    return rowsOf(figures, browser.version());
  } finally {
    await browser.close();
    server.close();
  }
}

function rowsOf(figures: unknown, version: string): BenchRow[] {
  if (typeof figures !== 'object' || figures === null)
    throw new TypeError('the page gave no figures');
  return Object.entries(figures).map(([figure, value]) => ({
    figure: `Chromium ${version}: ${figure}`,
    unit: figure.startsWith('load') ? 'ms' : figure.endsWith('1 MB') ? 'MB/s' : '1/s',
    value: Number(value),
    peers: {},
    ratio: null,
  }));
}

/** What the page runs; names and amounts are those of guomi-signatures.ts and guomi-bytes.ts. */
export const PAGE = `
const began = performance.now();
const { engine, sm2, sm3, sm4 } = await import('/guomi.js');
const name = engine.name;
const load = performance.now() - began;
await engine.ready();
const message = new Uint8Array(120).fill(0x5a), small = new Uint8Array(64).fill(1);
const megabyte = new Uint8Array(2 ** 20).fill(0xa5), leaves = new Uint8Array(32 * 2 ** 20).map((_, at) => at * 31);
const [key, iv, counter] = [new Uint8Array(16).fill(7), new Uint8Array(12), new Uint8Array(16)];
const unchecked = { verifyAfterSign: false };
const makeItems = (count) => Array.from({ length: count }, () => {
  const pair = sm2.generateKeyPair();
  return { ...pair, message, signature: sm2.sign(message, pair.secretKey, unchecked) };
});
const ROUNDS = 7;
const rate = (count, run) => {
  let best = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = performance.now();
    run(round);
    best = Math.max(best, (1000 * count) / (performance.now() - started));
  }
  return best;
};
const times = (count, run, each = 1) => rate(count * each, () => { for (let i = 0; i < count; i += 1) run(); });
const verify = (item) => { if (!sm2.verify(item.signature, message, item.publicKey)) throw new Error('wrong'); };
const verifyAll = (items) => { if (sm2.verifyBatch(items).includes(false)) throw new Error('wrong'); };
const items = makeItems(1000), [item] = items;
for (let pass = 0; pass < 5; pass += 1) verifyAll(items);
const batches = Array.from({ length: 40 }, (_, batch) =>
  Array.from({ length: 256 }, (_, index) => items[(256 * batch + 7 * index) % items.length]));
const fresh = Array.from({ length: ROUNDS }, () => makeItems(300));
const checked = sm2.createSigner(item.secretKey), bare = sm2.createSigner(item.secretKey, unchecked);
const messages = Array.from({ length: 256 }, () => message);
globalThis.figures = {
  ['load ' + name + ', self-test included']: load,
  'verify, one at a time, known key': times(2000, () => verify(item)),
  'verify, batches of 256, 1,000 keys': rate(40 * 256, () => batches.forEach(verifyAll)),
  'verify, key never seen before': rate(300, (round) => fresh[round].forEach(verify)),
  'sign, verify-after-sign included': times(1000, () => checked.sign(message)),
  'sign, verify-after-sign left out': times(1000, () => bare.sign(message)),
  'sign, batches of 256, verify-after-sign included': times(10, () => checked.signBatch(messages), 256),
  'sign, batches of 256, verify-after-sign left out': times(10, () => bare.signBatch(messages), 256),
  'sign, key prepared anew each time, verified': times(500, () => sm2.sign(message, item.secretKey)),
  'SM3, 1 MB': times(8, () => sm3.hash(megabyte), 1.048576),
  'SM3, 64 B messages': times(20000, () => sm3.hash(small)),
  'Merkle roots of 2^20 leaves': times(1, () => sm3.merkleRoot(leaves)),
  'SM4-GCM, 1 MB': times(2, () => sm4.gcmEncrypt(key, iv, megabyte), 1.048576),
  'SM4-CTR, 1 MB': times(2, () => sm4.ctr(key, counter, megabyte), 1.048576),
};
`;

async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL('../../guomi/src/index.ts', import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    minify: true,
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

async function serve(guomi: string): Promise<Server> {
  const scripts = new Map([
    ['/page.js', PAGE],
    ['/guomi.js', guomi],
  ]);
  const server = createServer((request, response) => {
    response.setHeader('content-security-policy', CSP);
    const script = scripts.get(request.url ?? '');
    response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript');
    response.end(script ?? '<!doctype html><script type="module" src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
