// SPDX-License-Identifier: Apache-2.0
// The same figures from a page in Chromium, under a strict CSP: bundled by esbuild, served from
// localhost, driven by playwright-core.
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
    unit: figure.startsWith('load') ? 'ms' : figure.startsWith('SM') ? 'MB/s' : '1/s',
    value: Number(value),
    peers: {},
    ratio: null,
  }));
}

const PAGE = `
import { engine, sm2, sm3, sm4 } from './guomi/src/index.ts';
const began = performance.now();
const name = engine.name;
const load = performance.now() - began;
await engine.ready();
const message = new Uint8Array(120), megabyte = new Uint8Array(2 ** 20);
const items = Array.from({ length: 256 }, () => {
  const pair = sm2.generateKeyPair();
  return { ...pair, message, signature: sm2.sign(message, pair.secretKey) };
});
const rate = (count, run) => {
  let best = 0;
  for (let round = 0; round < 7; round += 1) {
    const started = performance.now();
    run();
    best = Math.max(best, (1000 * count) / (performance.now() - started));
  }
  return best;
};
const [item] = items;
for (let pass = 0; pass < 8; pass += 1) if (sm2.verifyBatch(items).includes(false)) throw new Error('wrong');
const signer = sm2.createSigner(item.secretKey, { verifyAfterSign: false });
globalThis.figures = {
  ['load ' + name]: load,
  'verify, one at a time': rate(3000, () => { for (let i = 0; i < 3000; i += 1) sm2.verify(item.signature, message, item.publicKey); }),
  'verify, batches of 256': rate(2560, () => { for (let i = 0; i < 10; i += 1) sm2.verifyBatch(items); }),
  'sign, verify-after-sign left out': rate(1000, () => { for (let i = 0; i < 1000; i += 1) signer.sign(message); }),
  'SM3, 1 MB': rate(1.048576 * 8, () => { for (let i = 0; i < 8; i += 1) sm3.hash(megabyte); }),
  'SM4-GCM, 1 MB': rate(1.048576 * 2, () => { for (let i = 0; i < 2; i += 1) sm4.gcmEncrypt(new Uint8Array(16), new Uint8Array(12), megabyte); }),
};
`;

async function bundle(): Promise<string> {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const { outputFiles } = await build({
    stdin: { contents: PAGE, resolveDir: root, loader: 'js' },
    bundle: true,
    format: 'esm',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

async function serve(script: string): Promise<Server> {
  const server = createServer((request, response) => {
    response.setHeader('content-security-policy', CSP);
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(
      isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
