// SPDX-License-Identifier: Apache-2.0
// SM3 and SM4 beside OpenSSL and sm-crypto.
import { createCipheriv, createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { sm3, sm4 } from '../../../guomi/src/index.ts';
import { times } from './figure.ts';
import type { Figure } from './figure.ts';

type SmCrypto = Readonly<{
  sm3: (message: number[]) => string;
  sm4: Readonly<{ encrypt: (message: number[], key: number[]) => string }>;
}>;
const loaded: unknown = createRequire(import.meta.url)('sm-crypto');
const smCrypto = requireSmCrypto(loaded);
const MEGABYTE = new Uint8Array(2 ** 20).fill(0xa5);

/** All figures of hashing and enciphering. */
export function byteFigures(): Figure[] {
  return [...hashFigures(), ...cipherFigures()];
}

function requireSmCrypto(value: unknown): SmCrypto {
  if (!isSmCrypto(value)) throw new TypeError('sm-crypto has another shape');
  return value;
}

function isSmCrypto(value: unknown): value is SmCrypto {
  return typeof value === 'object' && value !== null && 'sm3' in value && 'sm4' in value;
}

function hashFigures(): Figure[] {
  const small = new Uint8Array(64).fill(1);
  const leaves = new Uint8Array(32 * 2 ** 20).map((_, index) => index * 31);
  return [
    {
      figure: 'SM3, 1 MB',
      unit: 'MB/s',
      must: { atLeast: 390 },
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
      must: { atLeast: 1 / 0.35 },
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
      must: { atLeast: 60 },
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
