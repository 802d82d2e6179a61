// SPDX-License-Identifier: Apache-2.0
// Timing leaks by dudect's method: the same call on a fixed secret and on random ones, in random
// order, the two samples compared by Welch's t after cropping the slow tail. |t| < 4.5 is required;
// a planted early exit must give more. `--measurements=30000` for a short look.
import { engine } from '../../guomi/src/index.ts';
import { currentCipher } from '../../guomi/src/cipher.ts';
import type { Engine } from '../../guomi/src/engine-interface.ts';
import type { BenchResult, BenchRow } from './main.ts';

const DEFAULT_MEASUREMENTS = 1_000_000;
const CROPS = [0.5, 0.7, 0.9, 0.99, 1];

type Subject = Readonly<{ figure: string; run: (secret: Uint8Array) => unknown }>;

/** Measures signing, SM4 and SM2 decryption, and the planted leak. */
export async function bench({ args }: { readonly args: readonly string[] }): Promise<BenchResult> {
  const asked = args.find((arg) => arg.startsWith('--measurements='))?.split('=')[1];
  const measurements = Math.max(1000, asked === undefined ? DEFAULT_MEASUREMENTS : Number(asked));
  const rows: BenchRow[] = [];
  for (const name of ['wasm', 'wasm-simd'] as const) {
    engine.use(name);
    for (const subject of subjects(engine.current())) {
      const t = largestT(subject, measurements);
      rows.push({
        figure: `${name}: ${subject.figure}, ${measurements} measurements`,
        unit: '|t|',
        value: t,
        peers: { limit: 4.5 },
        ratio: t / 4.5,
      });
    }
  }
  engine.use();
  return Promise.resolve({ rows });
}

function subjects(current: Engine): Subject[] {
  const cipher = currentCipher();
  const digest = random(32);
  const fresh = random(34);
  const block = random(256);
  const point = current.publicKeyOf(secretFrom(random(32)));
  const guess = random(32);
  return [
    {
      figure: 'public key of a secret key',
      run: (secret) => current.publicKeyOf(secret),
    },
    {
      figure: 'signature under a secret key',
      run: (secret) =>
        current.signDigests({ secretKey: secret, inverse: INVERSE }, [{ digest, fresh }]),
    },
    {
      figure: 'SM2 decryption: secret times a point',
      run: (secret) => current.multiply(secret, point),
    },
    {
      figure: 'SM4 key schedule and 16 blocks',
      run: (secret) => cipher.sm4Blocks(secret.subarray(0, 16), block, 'encrypt'),
    },
    {
      figure: 'GHASH under a secret key',
      run: (secret) => cipher.ghash(secret.subarray(0, 16), block),
    },
    {
      figure: 'PLANTED: comparison with an early exit (must exceed the limit)',
      run: (secret) => earlyExit(secret, guess),
    },
  ];
}

const INVERSE = new Uint8Array(36).fill(0x11);

/** What a naive tag comparison does, some rounds of it: it stops at the first difference. */
function earlyExit(secret: Uint8Array, guess: Uint8Array): number {
  let work = 0;
  for (let round = 0; round < 20; round += 1) {
    for (let index = 0; index < 32; index += 1) {
      work += 1;
      if ((secret[index] ?? 0) !== (guess[index] ?? 0) && secret[0] !== FIXED_FIRST) break;
    }
  }
  return work;
}

const FIXED_FIRST = 0x39;
const FIXED = secretFrom(Uint8Array.from({ length: 32 }, (_, index) => FIXED_FIRST + 37 * index));

function random(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}

function secretFrom(bytes: Uint8Array): Uint8Array {
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes;
}

function largestT({ run }: Subject, count: number): number {
  const times: [number[], number[]] = [[], []];
  const spent = new Float64Array(CHUNK);
  for (let done = 0; done < count; done += CHUNK) {
    const { inputs, classes } = prepare();
    // Between the two readings of the clock, and before the first, nothing depends on the class.
    for (let index = 0; index < CHUNK; index += 1) {
      const secret = inputs[index] ?? NONE;
      const started = process.hrtime.bigint();
      run(secret);
      spent[index] = Number(process.hrtime.bigint() - started);
    }
    // The first chunks run before the compilers have settled.
    if (done < count / 20) continue;
    for (const [index, time] of spent.entries())
      times[(classes[index] ?? 0) & 1 ? 1 : 0].push(time);
  }
  const all = times.flat().sort((x, y) => x - y);
  return CROPS.reduce((largest, crop) => {
    const limit = all[Math.floor((all.length - 1) * crop)] ?? Infinity;
    const [left, right] = times.map((list) => list.filter((time) => time <= limit));
    return Math.max(largest, Math.abs(welch(left ?? [], right ?? [])));
  }, 0);
}

const CHUNK = 500;
const NONE = new Uint8Array(32);

type Prepared = Readonly<{ inputs: readonly Uint8Array[]; classes: Uint8Array }>;

/** Inputs of both classes, mixed, all made in the same way and all in fresh memory. */
function prepare(): Prepared {
  const classes = random(CHUNK);
  const fixed = new Uint8Array(32);
  fixed.set(FIXED);
  const inputs = [...classes].map((value) => {
    const drawn = secretFrom(random(32));
    return Uint8Array.from(value & 1 ? drawn : fixed);
  });
  return { inputs, classes };
}

function welch(left: readonly number[], right: readonly number[]): number {
  const [a, b] = [moments(left), moments(right)];
  const error = Math.sqrt(a.variance / left.length + b.variance / right.length);
  return error === 0 ? 0 : (a.mean - b.mean) / error;
}

function moments(values: readonly number[]): Readonly<{ mean: number; variance: number }> {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance =
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, variance };
}
