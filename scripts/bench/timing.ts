// SPDX-License-Identifier: Apache-2.0
// Timing leaks by dudect's method: the same call on a fixed secret and on random ones, in random
// order, the two samples compared by Welch's t after cropping the slow tail. |t| < 4.5 is required;
// a planted early exit must give more. `--measurements=30000` for a short look.
import { engine } from '../../guomi/src/index.ts';
import type { Engine } from '../../guomi/src/engine-interface.ts';
import type { BenchResult, BenchRow } from './main.ts';

const DEFAULT_MEASUREMENTS = 1_000_000;
const CROPS = [0.5, 0.7, 0.9, 0.99, 1];

type Subject = Readonly<{ figure: string; share: number; run: (secret: Uint8Array) => unknown }>;

/** Measures signing, SM4 and SM2 decryption, and the planted leak. */
export async function bench({ args }: { readonly args: readonly string[] }): Promise<BenchResult> {
  const asked = args.find((arg) => arg.startsWith('--measurements='))?.split('=')[1];
  const measurements = asked === undefined ? DEFAULT_MEASUREMENTS : Number(asked);
  const rows: BenchRow[] = [];
  for (const name of ['wasm', 'wasm-simd'] as const) {
    engine.use(name);
    for (const subject of subjects(engine.current())) {
      const count = Math.max(1000, Math.floor(measurements * subject.share));
      const t = largestT(subject, count);
      rows.push({
        figure: `${name}: ${subject.figure}, ${count} measurements`,
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
  const digest = random(32);
  const fresh = random(34);
  const block = random(256);
  const point = current.publicKeyOf(secretFrom(random(32)));
  const guess = random(32);
  return [
    {
      figure: 'public key of a secret key',
      share: 1,
      run: (secret) => current.publicKeyOf(secret),
    },
    {
      figure: 'signature under a secret key',
      share: 1,
      run: (secret) =>
        current.signDigests({ secretKey: secret, inverse: INVERSE }, [{ digest, fresh }]),
    },
    {
      figure: 'SM2 decryption: secret times a point',
      share: 0.3,
      run: (secret) => current.multiply(secret, point),
    },
    {
      figure: 'SM4 key schedule and 16 blocks',
      share: 1,
      run: (secret) => current.sm4Blocks(secret.subarray(0, 16), block, 'encrypt'),
    },
    {
      figure: 'GHASH under a secret key',
      share: 1,
      run: (secret) => current.ghash(secret.subarray(0, 16), block),
    },
    {
      figure: 'PLANTED: comparison with an early exit (must exceed the limit)',
      share: 1,
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

function random(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}

function secretFrom(bytes: Uint8Array): Uint8Array {
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes;
}

function largestT({ run }: Subject, count: number): number {
  const fixed = new Uint8Array(32);
  fixed[0] = FIXED_FIRST;
  const classes = random(Math.min(count, 65536));
  const times: [number[], number[]] = [[], []];
  const scratch = new Uint8Array(32);
  for (let index = 0; index < count; index += 1) {
    const isRandom = ((classes[index % classes.length] ?? 0) + (index >> 16)) & 1;
    // Both classes write the same buffer, so that only its content differs.
    scratch.set(isRandom === 1 ? secretFrom(random(32)) : fixedAfterDraw(fixed));
    const started = process.hrtime.bigint();
    run(scratch);
    const spent = Number(process.hrtime.bigint() - started);
    if (index > count / 50) times[isRandom === 1 ? 1 : 0].push(spent);
  }
  const all = [...times[0], ...times[1]].sort((a, b) => a - b);
  return Math.max(
    ...CROPS.map((crop) => {
      const limit = all[Math.floor((all.length - 1) * crop)] ?? Infinity;
      return Math.abs(
        welch(
          times[0].filter((t) => t <= limit),
          times[1].filter((t) => t <= limit),
        ),
      );
    }),
  );
}

/** The fixed class draws and discards as much as the random one. */
function fixedAfterDraw(fixed: Uint8Array): Uint8Array {
  secretFrom(random(32));
  return fixed;
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
