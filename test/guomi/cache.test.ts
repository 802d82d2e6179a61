// SPDX-License-Identifier: Apache-2.0
// The cache of key tables: nothing for a key that comes once, a table on second sight, never more than the
// cap, the longest unused one replaced, and answers that do not depend on any of it.
import { expect } from 'chai';
import { buildModule } from '../../guomi/kernel/build.ts';
import { bytesToHex } from '../../guomi/src/bytes.ts';
import { sm2 } from '../../guomi/src/index.ts';
import { moduleExports, type ModuleExports } from '../../guomi/src/wasm/exports.ts';
import { CACHE_KEYS, HEAP, SLOT_BYTES } from '../../guomi/src/wasm/layout.ts';
import { instantiate } from '../../guomi/src/wasm/loader.ts';
import { openEngine } from '../../guomi/src/wasm/wasm-engine.ts';
import { seededRandom } from './oracles.ts';

const SMALL_CAP = 32;
const WAYS = 8; // a set of the cache, and here all of it
const random = seededRandom('cache');
const items = Array.from({ length: 3 * SMALL_CAP }, (_, index) => {
  const pair = sm2.generateKeyPair(random);
  const message = Uint8Array.of(index);
  return { ...pair, message, signature: sm2.sign(message, pair.secretKey, { random }) };
});
const rightAndWrong = items.flatMap((item) => [
  item,
  { ...item, message: Uint8Array.of(...item.message, 0) },
]);
const expected = rightAndWrong.map((_, index) => index % 2 === 0);

describe('guomi cache of key tables', () => {
  it('makes no table for keys that come once, and one each when they come again', () => {
    const exports = instantiate('wasm');
    const { verify } = openEngine('wasm', exports);
    for (const item of items) expect(verify(item)).to.equal(true);
    expect(exports.cachedKeys()).to.equal(0);
    for (const item of items) expect(verify(item)).to.equal(true);
    expect(exports.cachedKeys()).to.equal(items.length);
  });

  it('is not kept from it by other keys that come in between', () => {
    const exports = instantiate('wasm');
    const { verify, verifyBatch } = openEngine('wasm', exports);
    verifyBatch(items);
    verifyBatch(items.slice().reverse());
    expect(exports.cachedKeys()).to.equal(items.length);
    for (const item of items) expect(verify(item)).to.equal(true);
  });

  it('makes no table for a key that is not on the curve, however often it comes', () => {
    const exports = instantiate('wasm');
    const { verify } = openEngine('wasm', exports);
    const [item] = items;
    if (item === undefined) throw new Error('no item');
    const publicKey = Uint8Array.from(item.publicKey);
    publicKey[64] = (publicKey[64] ?? 0) ^ 1;
    for (let pass = 0; pass < 4; pass += 1) {
      expect(verify({ ...item, publicKey })).to.equal(false);
    }
    expect(exports.cachedKeys()).to.equal(0);
  });

  it(`never holds more than its cap, here ${SMALL_CAP} for ${CACHE_KEYS}, and stays right`, async () => {
    const exports = await withCap(SMALL_CAP);
    const { verify, verifyBatch } = openEngine('wasm', exports);
    for (let pass = 0; pass < 4; pass += 1) {
      expect(verifyBatch(rightAndWrong)).to.deep.equal(expected);
      expect(rightAndWrong.map(verify)).to.deep.equal(expected);
    }
    expect(exports.cachedKeys()).to.be.greaterThan(SMALL_CAP / 2);
    expect(exports.cachedKeys()).to.be.at.most(SMALL_CAP);
    const grown = exports.memory.buffer.byteLength;
    verifyBatch(rightAndWrong);
    expect(exports.memory.buffer.byteLength).to.equal(grown);
  }).timeout(120_000);

  it('replaces the table that was not used for the longest time', async () => {
    const exports = await withCap(WAYS);
    const { verify } = openEngine('wasm', exports);
    const twice = (item: sm2.VerifyItem): void => {
      for (let pass = 0; pass < 2; pass += 1) expect(verify(item)).to.equal(true);
    };
    const [first, second, ...others] = items.slice(0, WAYS + 1);
    if (first === undefined || second === undefined) throw new Error('no items');
    const newest = others[others.length - 1];
    if (newest === undefined) throw new Error('no items');
    for (const item of [first, second, ...others.slice(0, -1)]) twice(item);
    expect(resident(exports)).to.deep.equal(namesOf([first, second, ...others.slice(0, -1)]));
    expect(verify(first)).to.equal(true);
    twice(newest);
    expect(resident(exports)).to.deep.equal(namesOf([first, ...others]));
  }).timeout(120_000);
});

function namesOf(list: readonly { readonly publicKey: Uint8Array }[]): string[] {
  return list.map(({ publicKey }) => bytesToHex(publicKey.subarray(1))).sort();
}

/** The keys whose tables are in memory: each slot begins with the key's coordinates. */
function resident({ memory, cachedKeys }: ModuleExports): string[] {
  return Array.from({ length: cachedKeys() }, (_, slot) =>
    bytesToHex(new Uint8Array(memory.buffer, HEAP + SLOT_BYTES * slot, 64)),
  ).sort();
}

/** Node's types do not name it. */
interface WebAssemblyOfNode {
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => Parameters<typeof moduleExports>[0];
}

async function withCap(keys: number): Promise<ModuleExports> {
  const binary = await buildModule('scalar', (name, source) => {
    if (name !== 'layout.ts') return source;
    const from = `CACHE_KEYS: i32 = ${CACHE_KEYS};`;
    expect(source).to.include(from);
    return source.replace(from, `CACHE_KEYS: i32 = ${keys};`);
  });
  const { Module, Instance } = Reflect.get(globalThis, 'WebAssembly') as WebAssemblyOfNode;
  return moduleExports(new Instance(new Module(binary), {}));
}
