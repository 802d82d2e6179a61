// SPDX-License-Identifier: Apache-2.0
// The cache of key tables: nothing for a key that comes once, a table on second sight, never more than the
// cap, the longest unused one replaced, and answers that do not depend on any of it.
import { expect } from 'chai';
import { buildModule } from '../../guomi/kernel/build.ts';
import { bytesToHex } from '../../guomi/src/bytes.ts';
import { pointOf } from '../../guomi/src/curve.ts';
import { GuomiError, sm2 } from '../../guomi/src/index.ts';
import { joinExports, type ModuleExports } from '../../guomi/src/wasm/exports.ts';
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

  it('makes a table anew for a key whose table was replaced on its second sight only', async () => {
    const exports = await withCap(WAYS);
    const { verify } = openEngine('wasm', exports);
    const [dropped, ...others] = items.slice(0, WAYS + 1);
    if (dropped === undefined) throw new Error('no items');
    const kept = others.slice(0, -1);
    const twice = [...kept, dropped].flatMap((item) => [item, item]);
    for (const item of [...twice, ...kept, ...others.slice(-1)]) {
      expect(verify(item)).to.equal(true);
    }
    expect(resident(exports)).to.deep.equal(namesOf([...kept, dropped]));
    for (const item of others.slice(-1)) expect(verify(item)).to.equal(true);
    expect(resident(exports)).to.deep.equal(namesOf(others));
    expect(verify(dropped)).to.equal(true);
    expect(resident(exports)).to.deep.equal(namesOf(others));
    expect(verify(dropped)).to.equal(true);
    expect(resident(exports)).to.include(namesOf([dropped])[0]);
  }).timeout(120_000);

  it('finds no table that was not built to its end', async () => {
    // The second table to be built, in the first one's place, traps half-way.
    const exports = await withCap(WAYS, (source) =>
      source
        .replace('let used: u32 = 0;', 'let used: u32 = 0; let built: u32 = 0;')
        .replace('  buildComb(', `  if (++built == ${WAYS + 1}) unreachable();\n  buildComb(`),
    );
    const { verify } = openEngine('wasm', exports);
    const first = items.slice(0, WAYS);
    for (const item of first.flatMap((each) => [each, each])) expect(verify(item)).to.equal(true);
    const [newest] = items.slice(WAYS);
    if (newest === undefined) throw new Error('no item');
    const wrong = { ...newest, message: Uint8Array.of(9) };
    expect(verify(newest)).to.equal(true);
    expect(() => verify(newest))
      .to.throw(GuomiError)
      .with.property('code', 'ENGINE_FAILED');
    for (let pass = 0; pass < 2; pass += 1) {
      for (const item of [newest, ...first]) expect(verify(item)).to.equal(true);
      expect(verify(wrong)).to.equal(false);
    }
  }).timeout(120_000);

  for (const start of [0xfffe_fff8, 0xffff_fff0, 0xffff_fffe, 0xffff_ffff]) {
    it(`keeps the tables of a batch when its clock, here at ${start}, comes to its end`, async () => {
      const exports = await withCap(WAYS, (source) =>
        source.replace('let tick: u32 = 1;', `let tick: u32 = ${start};`),
      );
      const { verify, verifyBatch } = openEngine('wasm', exports);
      const known = items.slice(0, WAYS);
      for (const item of [...known, ...known]) expect(verify(item)).to.equal(true);
      // More keys than places: each newcomer wants a table that the batch holds.
      for (let pass = 0; pass < 3; pass += 1) {
        expect(verifyBatch(rightAndWrong)).to.deep.equal(expected);
        expect(verifyBatch(forged)).to.deep.equal(forged.map(() => false));
      }
      expect(exports.cachedKeys()).to.equal(WAYS);
    }).timeout(120_000);
  }

  for (const byte of [7, 15, 23, 31]) {
    it(`spreads keys that differ in byte ${byte} of x alone`, () => {
      const exports = instantiate('wasm');
      const { verify } = openEngine('wasm', exports);
      const family = Array.from({ length: 256 }, (_, value) => withX(new Map([[byte, value]])))
        .filter((key) => key !== undefined)
        .slice(0, 64);
      expect(family.length).to.equal(64);
      for (const publicKey of [...family, ...family]) verify({ ...forgedOf(), publicKey });
      expect(exports.cachedKeys()).to.equal(64);
    });
  }

  it('makes no table on first sight for twins whose words differ by 2^63 twice', () => {
    let twins = 0;
    const exports = instantiate('wasm');
    const { verify } = openEngine('wasm', exports);
    for (let value = 0; value < 128 && twins < 8; value += 1) {
      const pair = [0, 128].map((high) =>
        withX(
          new Map([
            [0, value],
            [7, high],
            [15, high],
          ]),
        ),
      );
      if (pair.includes(undefined)) continue;
      twins += 1;
      for (const publicKey of pair) if (publicKey) verify({ ...forgedOf(), publicKey });
    }
    expect(twins).to.equal(8);
    expect(exports.cachedKeys()).to.equal(0);
  });
});

/** Signatures of one key given out as another's: each must fail, whatever table it meets. */
const forged = items.map((item, index) => ({
  ...item,
  publicKey: items[(index + 1) % items.length]?.publicKey ?? item.publicKey,
}));

function forgedOf(): sm2.VerifyItem {
  const [item] = forged;
  if (item === undefined) throw new Error('no item');
  return item;
}

/** The point whose x has these bytes and 0x11 elsewhere, if there is one. */
function withX(bytes: ReadonlyMap<number, number>): Uint8Array | undefined {
  const x = Uint8Array.from({ length: 32 }, (_, index) => bytes.get(index) ?? 0x11);
  return pointOf(Uint8Array.of(2, ...x))?.toBytes(false);
}

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
  readonly Instance: new (module: object, imports: object) => Parameters<typeof joinExports>[0];
}

/** The module with that many places; `edit` may change the cache, and must then change it. */
async function withCap(keys: number, edit?: (cache: string) => string): Promise<ModuleExports> {
  const binary = await buildModule('core', (name, source) => {
    if (name === 'cache.ts' && edit !== undefined) {
      expect(edit(source)).to.not.equal(source);
      return edit(source);
    }
    if (name !== 'layout.ts') return source;
    const from = `CACHE_KEYS: i32 = ${CACHE_KEYS};`;
    expect(source).to.include(from);
    return source.replace(from, `CACHE_KEYS: i32 = ${keys};`);
  });
  const { Module, Instance } = Reflect.get(globalThis, 'WebAssembly') as WebAssemblyOfNode;
  return joinExports(new Instance(new Module(binary), {}));
}
