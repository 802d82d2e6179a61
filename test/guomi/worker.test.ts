// SPDX-License-Identifier: Apache-2.0
// The package where there is no page and no main thread: in a worker of Node and in one of Chromium under the strict
// CSP that the README asks for, both from one bundle; and in Chromium where the CSP forbids WebAssembly.
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { findChromium } from '../../scripts/chromium.ts';

const WORK = `
import { engine, sm2, sm3, sm4 } from './guomi/src/index.ts';
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
export function work() {
  const message = new TextEncoder().encode('abc');
  const { secretKey, publicKey } = sm2.generateKeyPair();
  const signature = sm2.sign(message, secretKey);
  const item = { signature, message, publicKey };
  const key = new Uint8Array(16), iv = new Uint8Array(12);
  return {
    engine: engine.name,
    verified: sm2.verify(signature, message, publicKey),
    refused: sm2.verify(signature, publicKey, publicKey),
    batch: sm2.verifyBatch([item, { ...item, message: iv }, ...Array(9).fill(item)]).join(),
    digest: hex(sm3.hash(message)),
    opened: hex(sm4.gcmDecrypt(key, iv, sm4.gcmEncrypt(key, iv, message))),
    decrypted: hex(sm2.decrypt(sm2.encrypt(message, publicKey), secretKey)),
  };
}
`;
const EXPECTED = {
  verified: true,
  refused: false,
  batch: 'true,false,' + Array(9).fill('true').join(),
  digest: '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
  opened: '616263',
  decrypted: '616263',
};

describe('guomi in workers', function () {
  this.timeout(120_000);

  it('works in a worker of Node', async () => {
    const entry = `${WORK} import { parentPort } from 'node:worker_threads'; parentPort.postMessage(work());`;
    const worker = new Worker(await bundle(entry, 'cjs'), { eval: true });
    const answer = await new Promise((resolve, reject) => {
      worker.once('message', resolve).once('error', reject);
    });
    await worker.terminate();
    expect(answer).to.include(EXPECTED);
    expect(answer).to.have.property('engine').that.matches(/^wasm/);
  });

  for (const [policy, engine] of [
    ["default-src 'none'; worker-src 'self'; script-src 'self' 'wasm-unsafe-eval'", /^wasm/],
    ["default-src 'none'; worker-src 'self'; script-src 'self'", /^complete$/],
  ] as const) {
    it(`works in a worker of Chromium under ${policy}`, async function () {
      const executablePath = findChromium();
      if (executablePath === undefined) {
        if (process.env['CI'] === 'true') throw new Error('CI has no Chromium: set CHROMIUM');
        this.skip();
      }
      const server = await serve(policy, await bundle(`${WORK} postMessage(work());`, 'esm'));
      const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
      try {
        const page = await browser.newPage();
        await page.goto(addressOf(server));
        const answer: unknown = await page.evaluate(`new Promise((resolve, reject) => {
          const worker = new Worker('/worker.js', { type: 'module' });
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error('worker: ' + message));
        })`);
        expect(answer).to.include(EXPECTED);
        expect(answer).to.have.property('engine').that.matches(engine);
      } finally {
        await browser.close();
        server.close();
      }
    });
  }
});

async function bundle(contents: string, format: 'cjs' | 'esm'): Promise<string> {
  const resolveDir = fileURLToPath(new URL('../../', import.meta.url));
  const { outputFiles } = await build({
    stdin: { contents, resolveDir, loader: 'js' },
    bundle: true,
    format,
    external: ['node:worker_threads'],
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

/** Page and worker from one origin; a worker answers to the policy it was sent with. */
async function serve(policy: string, script: string): Promise<Server> {
  const server = createServer((request, response) => {
    const isWorker = request.url === '/worker.js';
    response.setHeader('content-security-policy', policy);
    response.setHeader('content-type', isWorker ? 'text/javascript' : 'text/html');
    response.end(isWorker ? script : '<!doctype html><title>guomi</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function addressOf(server: Server): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
}
