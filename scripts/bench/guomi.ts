// SPDX-License-Identifier: Apache-2.0
// SM2, SM3 and SM4 beside OpenSSL, sm-crypto, sm-crypto-v2 and @noble/curves: best of interleaved rounds in one
// process, so that the ratios hold where the absolute numbers do not.
import {
  createCipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
} from 'node:crypto';
import { createRequire } from 'node:module';
import { engine, sm2, sm3, sm4 } from '../../guomi/src/index.ts';
import { AREA, HEAP } from '../../guomi/src/wasm/layout.ts';
import type { BenchResult, BenchRow } from './main.ts';
import { createSmCryptoPeer, type SmCryptoPeer } from './peers/sm-crypto.ts';

type Work = Readonly<{ count: number; run: () => void }>;
type Figure = Readonly<{
  figure: string;
  unit: string;
  ours: Work;
  peers: Readonly<Record<string, Work>>;
  against?: string;
}>;
type SmCrypto = Readonly<{
  sm3: (message: number[]) => string;
  sm4: Readonly<{ encrypt: (message: number[], key: number[]) => string }>;
}>;
type Item = Readonly<{
  publicKey: Uint8Array;
  secretKey: Uint8Array;
  message: Uint8Array;
  signature: Uint8Array;
}>;

const loaded: unknown = createRequire(import.meta.url)('sm-crypto');
const smCrypto = requireSmCrypto(loaded);
const ROUNDS = 7;
// A check would make the key known.
const UNCHECKED = { verifyAfterSign: false };
const MESSAGE = new Uint8Array(120).fill(0x5a);
const MEGABYTE = new Uint8Array(2 ** 20).fill(0xa5);

/** Runs all figures; `--browser` adds Chromium's. */
export async function bench({ args }: { readonly args: readonly string[] }): Promise<BenchResult> {
  const load = loadFigures();
  const items = makeItems(1000);
  const rows = [
    ...verifyFigures(items),
    ...signFigures(items),
    ...hashFigures(),
    ...cipherFigures(),
  ].map(measure);
  if (args.includes('--browser')) {
    const { browserRows } = await import('./guomi-browser.ts');
    rows.push(...(await browserRows()));
  }
  return { rows: [...load, ...rows] };
}

function requireSmCrypto(value: unknown): SmCrypto {
  if (!isSmCrypto(value)) throw new TypeError('sm-crypto has another shape');
  return value;
}

function isSmCrypto(value: unknown): value is SmCrypto {
  return typeof value === 'object' && value !== null && 'sm3' in value && 'sm4' in value;
}

function loadFigures(): BenchRow[] {
  const started = performance.now();
  engine.use();
  const spent = performance.now() - started;
  const row = (figure: string, unit: string, value: number): BenchRow => ({
    figure,
    unit,
    value,
    peers: {},
    ratio: null,
  });
  return [
    row(`load ${engine.name}, self-test included`, 'ms', spent),
    row('memory of the module at rest', 'MB', (Math.ceil(HEAP / 65536) + 1) / 16),
    row('of which tables of G', 'MB', (AREA.records - AREA.baseTable) / 2 ** 20),
  ];
}

function makeItems(count: number): Item[] {
  return Array.from({ length: count }, () => {
    const pair = sm2.generateKeyPair();
    return { ...pair, message: MESSAGE, signature: sm2.sign(MESSAGE, pair.secretKey, UNCHECKED) };
  });
}

/** Best of some rounds, ours and theirs in turn. */
function measure({ figure, unit, ours, peers, against = 'OpenSSL' }: Figure): BenchRow {
  const works: readonly (readonly [string, Work])[] = [['', ours], ...Object.entries(peers)];
  const best = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, work] of works) {
      const started = performance.now();
      work.run();
      const rate = (1000 * work.count) / (performance.now() - started);
      best.set(name, Math.max(best.get(name) ?? 0, rate));
    }
  }
  const value = best.get('') ?? 0;
  const other = best.get(against);
  best.delete('');
  return {
    figure,
    unit,
    value,
    peers: Object.fromEntries(best),
    ratio: other === undefined ? null : value / other,
  };
}

function times(count: number, run: (index: number) => void): Work {
  return {
    count,
    run: () => {
      for (let index = 0; index < count; index += 1) run(index);
    },
  };
}

function opensslHead({ publicKey }: Item): Uint8Array {
  const id = Buffer.from(sm2.DEFAULT_USER_ID);
  const curve =
    'fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93' +
    '32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0';
  const head = Buffer.concat([
    Buffer.of(0, 128),
    id,
    Buffer.from(curve, 'hex'),
    publicKey.subarray(1),
  ]);
  return createHash('sm3').update(head).digest();
}

function verifyPeers(item: Item): Record<string, Work> {
  const der = sm2.encodeSignatureDer(item.signature);
  const key = createPublicKey({
    key: Buffer.from(sm2.encodeSpki(item.publicKey)),
    format: 'der',
    type: 'spki',
  });
  const head = opensslHead(item);
  const signature = Buffer.from(item.signature).toString('hex');
  const [first, second] = smCryptoPeers(item);
  return {
    OpenSSL: times(300, () => createVerify('sm3').update(head).update(MESSAGE).verify(key, der)),
    'sm-crypto': times(3, () => first.verify(MESSAGE, signature)),
    'sm-crypto-v2': times(10, () => second.verify(MESSAGE, signature)),
    '@noble/curves': completely(20, () => sm2.verify(item.signature, MESSAGE, item.publicKey)),
  };
}

function smCryptoPeers({ secretKey, publicKey }: Item): [SmCryptoPeer, SmCryptoPeer] {
  return [
    createSmCryptoPeer(secretKey, publicKey, 'sm-crypto'),
    createSmCryptoPeer(secretKey, publicKey, 'sm-crypto-v2'),
  ];
}

/** The same call on the engine that is @noble/curves. */
function completely(count: number, run: () => void): Work {
  return {
    count,
    run: () => {
      engine.use('complete');
      for (let index = 0; index < count; index += 1) run();
      engine.use();
    },
  };
}

function verifyFigures(items: readonly Item[]): Figure[] {
  const [first] = items;
  if (first === undefined) return [];
  for (let pass = 0; pass < 5; pass += 1) sm2.verifyBatch(items);
  const batches = Array.from({ length: 40 }, (_, batch) =>
    Array.from(
      { length: 256 },
      (__, index) => items[(256 * batch + 7 * index) % items.length] ?? first,
    ),
  );
  const fresh = Array.from({ length: ROUNDS }, () => makeItems(300));
  let round = 0;
  const unit = '1/s';
  return [
    {
      figure: 'verify, one at a time, known key',
      unit,
      ours: times(2000, () => sm2.verify(first.signature, MESSAGE, first.publicKey)),
      peers: verifyPeers(first),
    },
    {
      figure: 'verify, batches of 256, 1,000 keys',
      unit,
      ours: { count: 40 * 256, run: () => batches.forEach((batch) => sm2.verifyBatch(batch)) },
      peers: verifyPeers(first),
    },
    {
      figure: 'verify, key never seen before',
      unit,
      ours: {
        count: 300,
        run: () => {
          for (const item of fresh[round] ?? [])
            sm2.verify(item.signature, MESSAGE, item.publicKey);
          round += 1;
        },
      },
      peers: verifyPeers(first),
    },
  ];
}

function signFigures(items: readonly Item[]): Figure[] {
  const [item] = items;
  if (item === undefined) return [];
  const checked = sm2.createSigner(item.secretKey);
  const unchecked = sm2.createSigner(item.secretKey, { verifyAfterSign: false });
  const messages = Array.from({ length: 256 }, () => MESSAGE);
  const key = createPrivateKey({
    key: Buffer.from(sm2.encodePkcs8(item.secretKey)),
    format: 'der',
    type: 'pkcs8',
  });
  const head = opensslHead(item);
  const [first, second] = smCryptoPeers(item);
  const peers = {
    OpenSSL: times(300, () => createSign('sm3').update(head).update(MESSAGE).sign(key)),
    'sm-crypto': times(5, () => first.sign(MESSAGE)),
    'sm-crypto-v2': times(100, () => second.sign(MESSAGE)),
    '@noble/curves': completely(100, () =>
      sm2.sign(MESSAGE, item.secretKey, { verifyAfterSign: false }),
    ),
  };
  const unit = '1/s';
  return [
    {
      figure: 'sign, verify-after-sign included',
      unit,
      ours: times(1000, () => checked.sign(MESSAGE)),
      peers,
    },
    {
      figure: 'sign, verify-after-sign left out',
      unit,
      ours: times(1000, () => unchecked.sign(MESSAGE)),
      peers,
    },
    {
      figure: 'sign, batches of 256, verify-after-sign left out',
      unit,
      ours: { count: 2560, run: () => times(10, () => unchecked.signBatch(messages)).run() },
      peers,
    },
    {
      figure: 'sign, key prepared anew each time, verified',
      unit,
      ours: times(500, () => sm2.sign(MESSAGE, item.secretKey)),
      peers,
    },
  ];
}

function hashFigures(): Figure[] {
  const small = new Uint8Array(64).fill(1);
  const leaves = new Uint8Array(32 * 2 ** 20).map((_, index) => index * 31);
  return [
    {
      figure: 'SM3, 1 MB',
      unit: 'MB/s',
      ours: { count: 1.048576 * 8, run: () => times(8, () => sm3.hash(MEGABYTE)).run() },
      peers: {
        OpenSSL: {
          count: 1.048576 * 8,
          run: () => times(8, () => createHash('sm3').update(MEGABYTE).digest()).run(),
        },
        'sm-crypto': { count: 0.065536, run: () => smCrypto.sm3([...MEGABYTE.subarray(0, 65536)]) },
      },
    },
    {
      figure: 'SM3, 64 B messages',
      unit: '1/s',
      ours: times(20000, () => sm3.hash(small)),
      peers: {
        OpenSSL: times(20000, () => createHash('sm3').update(small).digest()),
        'sm-crypto': times(200, () => smCrypto.sm3([...small])),
      },
    },
    {
      figure: 'Merkle roots of 2^20 leaves',
      unit: '1/s',
      ours: times(1, () => sm3.merkleRoot(leaves)),
      peers: { OpenSSL: times(1, () => opensslRoot(leaves)) },
    },
  ];
}

function opensslRoot(leaves: Uint8Array): Uint8Array {
  let level = leaves;
  const prefix = Uint8Array.of(1);
  while (level.length > 32) {
    const next = new Uint8Array(level.length / 2);
    for (let at = 0; at < next.length; at += 32) {
      next.set(
        createHash('sm3')
          .update(prefix)
          .update(level.subarray(2 * at, 2 * at + 64))
          .digest(),
        at,
      );
    }
    level = next;
  }
  return level;
}

function cipherFigures(): Figure[] {
  const [key, iv] = [new Uint8Array(16).fill(7), new Uint8Array(12)];
  const counter = new Uint8Array(16);
  return [
    {
      figure: 'SM4-GCM, 1 MB (OpenSSL: SM4-CTR, without a tag)',
      unit: 'MB/s',
      ours: {
        count: 1.048576 * 2,
        run: () => times(2, () => sm4.gcmEncrypt(key, iv, MEGABYTE)).run(),
      },
      peers: {
        OpenSSL: {
          count: 1.048576 * 2,
          run: () => times(2, () => createCipheriv('sm4-ctr', key, counter).update(MEGABYTE)).run(),
        },
        'sm-crypto': {
          count: 0.016384,
          run: () => smCrypto.sm4.encrypt([...MEGABYTE.subarray(0, 16384)], [...key]),
        },
      },
    },
    {
      figure: 'SM4-CTR, 1 MB',
      unit: 'MB/s',
      ours: {
        count: 1.048576 * 2,
        run: () => times(2, () => sm4.ctr(key, counter, MEGABYTE)).run(),
      },
      peers: {
        OpenSSL: {
          count: 1.048576 * 2,
          run: () => times(2, () => createCipheriv('sm4-ctr', key, counter).update(MEGABYTE)).run(),
        },
      },
    },
  ];
}
