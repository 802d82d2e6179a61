// SPDX-License-Identifier: Apache-2.0
// Presenting: what a verifier reads out of it, in text and in every picture, is what the holder chose to show.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import jsqr from 'jsqr';
import { PNG } from 'pngjs';
import { compressKey, verifyFor } from '@zhenglian/core/signing';
import { checkPossession } from '@zhenglian/core/possession';
import { openPresentation, presentSlots } from '@zhenglian/core/presentation';
import { qrVersionOf } from '@zhenglian/core/qr-size';
import { formatRequest } from '@zhenglian/core/request';
import { treeLeaves } from '@zhenglian/core/types/definition';
import { DRIVING } from '@zhenglian/core/types/driving';
import { formatSlotValue } from '@zhenglian/core/types/slot-value';
import { parseWire } from '@zhenglian/core/wire';
import { textOf } from '@zhenglian/wallet-cli/presenting';
import { expectCode } from '../support/codes.ts';
import { SAMPLE_FIELDS } from '../support/sample-fields.ts';
import { CODE, WalletGateway } from '../support/wallet-gateway.ts';
import { jsonOf, makeFolder, refusalOf, runHere } from '../support/wallet-process.ts';
import type { Ended, HereOptions } from '../support/wallet-process.ts';

/** jsqr is CommonJS: what Node imports is its exports. */
const decodeQr = jsqr.default;
const now = () => Math.floor(Date.now() / 1000);

describe('wallet: present', () => {
  let gateway: WalletGateway;
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let wallet: string;

  before(async () => {
    gateway = await WalletGateway.start();
    folder = await makeFolder();
    wallet = join(folder.dir, 'wallet');
    await runHere(['init', '--wallet', wallet]);
    const claim = ['claim', CODE, '--gateway', gateway.url, '--wallet', wallet];
    await runHere([...claim, '--fingerprint', gateway.fingerprint]);
    gateway.anotherCode();
    await runHere(claim);
  });
  after(async () => {
    await gateway.stop();
    await folder.drop();
  });

  const present = (argv: readonly string[], options?: HereOptions): Promise<Ended> =>
    runHere(['present', ...argv, '--wallet', wallet, '--json'], options);
  const makeRequest = (audience = '杭州西湖酒店', expiresAt = now() + 120) => ({
    nonce: crypto.getRandomValues(new Uint8Array(16)),
    audience,
    act: 'hotel-check-in',
    expiresAt,
  });

  it('shows exactly the fields chosen, signed by issuer and holder (property)', async () => {
    const names = treeLeaves(DRIVING.tree);
    const subset = fc.subarray([...names], { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(subset, fc.boolean(), async (fields, isAsked) => {
        const request = isAsked ? makeRequest() : undefined;
        const asked = request === undefined ? [] : ['--request', formatRequest(request)];
        const shown = jsonOf(await present(['--fields', fields.join(','), ...asked]));
        const wire = parseWire(String(shown['text']));
        const opened = openPresentation(wire, DRIVING);
        expect(opened.fields.map(({ slot }) => slot.name)).to.have.members(fields);
        for (const { slot, value } of opened.fields) {
          const given: Readonly<Record<string, string>> = SAMPLE_FIELDS;
          const text = given[slot.name];
          if (text !== undefined) expect(formatSlotValue(slot, value)).to.equal(text);
        }
        const { networkId, authoritySigner } = gateway.maker;
        const isSigned = verifyFor({
          purpose: 'licence',
          networkId,
          payload: opened.payload,
          publicKey: compressKey(authoritySigner.publicKey),
          signature: wire.signature,
        });
        expect(isSigned).to.equal(true);
        const level = checkPossession(wire, networkId, request);
        expect(level).to.equal(isAsked ? 'challenged' : 'recent');
        if (isAsked) expect(checkPossession(wire, networkId)).to.equal(undefined);
      }),
      { numRuns: 12 },
    );
  });

  it('takes the copies in turn', async () => {
    const indexes: unknown[] = [];
    for (let i = 0; i < 4; i += 1) {
      const { copy } = jsonOf(await present(['--set', 'roadside'])) as { copy: { index: number } };
      indexes.push(copy.index);
    }
    expect(new Set(indexes.slice(0, 2)).size).to.equal(2);
    expect(indexes.slice(2)).to.deep.equal(indexes.slice(0, 2));
  });

  it('draws a PNG that a scanner reads, in the least version, with its margin', async () => {
    const png = join(folder.dir, 'code.png');
    const shown = jsonOf(await present(['--set', 'roadside', '--png', png]));
    const { data, width, height } = PNG.sync.read(readFileSync(png));
    const read = decodeQr(Uint8ClampedArray.from(data), width, height);
    expect(read?.data).to.equal(shown['text']);
    expect(read?.version).to.equal(qrVersionOf(String(shown['text'])));
    expect(read?.version).to.be.at.most(13);
    expect(shown['qrVersion']).to.equal(read?.version);
    expect(read?.chunks.map(({ type }) => type)).to.deep.equal(['alphanumeric']);
    const quiet = (4 * width) / (17 + 4 * (read?.version ?? 0) + 8);
    for (let i = 0; i < quiet; i += 1) {
      for (let j = 0; j < width; j += 1) expect(data[4 * (i * width + j)]).to.equal(255);
    }
  });

  it('draws an SVG of the same code', async () => {
    const svg = join(folder.dir, 'code.svg');
    const shown = jsonOf(await present(['--set', 'roadside', '--svg', svg]));
    const text = readFileSync(svg, 'utf8');
    const modules = 17 + 4 * Number(shown['qrVersion']) + 8;
    expect(text).to.match(/^<svg /);
    expect(text).to.include(`viewBox="0 0 ${String(modules)} ${String(modules)}"`);
  });

  for (const colours of [true, false]) {
    it(`draws a terminal code that a scanner reads, ${colours ? 'with' : 'without'} colours`, async () => {
      const argv = ['present', '--set', 'counter', '--wallet', wallet];
      const { out } = await runHere(argv, { colours });
      const lines = out
        .split('\n')
        .filter((line) => /[▄▀█]/.test(line))
        .map((line) => line.replaceAll(/\u001B\[[\d;]*m/g, ''));
      expect(readBlocks(lines, colours)).to.match(/^ZL1:/);
    });
  }

  it('answers a request, after saying who asks and for what', async () => {
    const request = makeRequest('警\u001B[31m察\u202E');
    const argv = ['--set', 'roadside', '--request', formatRequest(request)];
    const declined = await present(argv, { answers: ['no'] });
    expect(refusalOf(declined)).to.equal('DECLINED');
    const agreed = await present(argv, { answers: ['yes'] });
    expect(jsonOf(agreed)).to.include({ holder: 'challenged', act: 'hotel-check-in' });
    expect(agreed.err)
      .to.include('警')
      .and.include('hotel-check-in')
      .and.include('Vehicle classes');
    expect(agreed.err).not.to.match(/[\u001B\u202E]/u);
    expect((await present([...argv, '--yes'], { answers: [] })).code).to.equal(0);
    expect((await present(argv)).code).to.equal(0);
  });

  it('refuses requests that are over, mistyped or none', async () => {
    const ask = (text: string) => present(['--set', 'roadside', '--request', text]);
    const over = formatRequest(makeRequest('x', now() - 1));
    expect(refusalOf(await ask(over))).to.equal('REQUEST_EXPIRED');
    const good = formatRequest(makeRequest());
    const mistyped = `${good.slice(0, -1)}${good.endsWith('0') ? '1' : '0'}`;
    expect(refusalOf(await ask(mistyped))).to.equal('REQUEST_INVALID');
    expect(refusalOf(await ask('ZL1:ABC'))).to.equal('QR_PREFIX');
    expect(refusalOf(await ask(`ZLQ1:${'A'.repeat(600)}`))).to.equal('QR_TOO_LONG');
    let calls = 0;
    const slow = { answers: ['yes'], clock: () => now() + (calls++ === 0 ? 0 : 500) };
    const late = await present(['--set', 'roadside', '--request', good], slow);
    expect(refusalOf(late)).to.equal('REQUEST_EXPIRED');
  });

  it('refuses more than a checker would read', () => {
    const copy = gateway.maker.mint(0);
    const wire = { ...presentSlots(copy, DRIVING, ['name']), values: ['长'.repeat(330)] };
    expect(textOf(wire)).to.match(/^ZL1:/);
    expectCode(() => textOf({ ...wire, proof: new Uint8Array(900) }), 'QR_TOO_LONG');
  });

  it('refuses what cannot be shown', async () => {
    expect(refusalOf(await present([]))).to.equal('USAGE');
    expect(refusalOf(await present(['--set', 'full', '--fields', 'name']))).to.equal('USAGE');
    expect(refusalOf(await present(['--set', 'everything']))).to.equal('SET_UNKNOWN');
    expect(refusalOf(await present(['--fields', 'name,shoeSize']))).to.equal('FIELD_INVALID');
    expect(refusalOf(await present(['ffff', '--set', 'full']))).to.equal('NOT_IN_WALLET');
    const later = { clock: () => now() + 400 * 86_400 };
    expect(refusalOf(await present(['--set', 'full'], later))).to.equal('COPY_EXPIRED');
    writeFileSync(join(folder.dir, 'file'), '');
    const below = ['--set', 'full', '--png', join(folder.dir, 'file', 'code.png')];
    expect(refusalOf(await present(below))).to.equal('OUTPUT_UNWRITABLE');
  });
});

/** Reads half blocks as a scanner would see them. */
function readBlocks(lines: readonly string[], colours: boolean): string | undefined {
  const scale = 4;
  const width = Math.max(...lines.map((line) => line.length)) * scale;
  const height = 2 * lines.length * scale;
  const pixels = new Uint8ClampedArray(4 * width * height).fill(255);
  const isInk = (x: number, y: number) => {
    const block = lines[Math.floor(y / 2)]?.[x] ?? ' ';
    return block === '█' || block === (y % 2 === 0 ? '▀' : '▄');
  };
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const ink = isInk(Math.floor(x / scale), Math.floor(y / scale));
      // Without colours the blocks are the light of a dark screen.
      const level = ink === colours ? 0 : 255;
      pixels.fill(level, 4 * (y * width + x), 4 * (y * width + x) + 3);
    }
  }
  return decodeQr(pixels, width, height)?.data;
}
