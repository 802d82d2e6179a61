// SPDX-License-Identifier: Apache-2.0
// Timing leaks by dudect's method: the same call on a fixed secret and on random ones, in random order, the two
// samples compared by Welch's t (parts/welch.ts). Fails when |t| reaches 4.5 where it must not, or stays below where
// a leak is planted. `--measurements=30000` for a short look, `--only=<words of a figure>` (exit code 2 when there is none).
import { engine, sm2 } from '../../guomi/src/index.ts';
import { currentCipher } from '../../guomi/src/cipher.ts';
import { currentEngine } from '../../guomi/src/current-engine.ts';
import type { Engine, PreparedKey } from '../../guomi/src/engine-interface.ts';
import type { BenchResult, BenchRow } from './main.ts';
import { UsageError } from './parts/options.ts';
import { largestT } from './parts/welch.ts';

const DEFAULT_MEASUREMENTS = 1_000_000;
const LIMIT = 4.5;

type Subject = Readonly<{
  figure: string;
  planted?: true;
  /** What is made of each secret before the clock is read, of both classes alike. */
  prepare?: (secret: Uint8Array) => PreparedKey;
  run: (secret: Uint8Array, key: PreparedKey) => unknown;
}>;

/**
 * Measures signing, SM4, CTR, GCM and SM2 decryption on both modules, and planted leaks.
 * @throws UsageError when `--only` names no figure
 */
export async function bench({ args }: { readonly args: readonly string[] }): Promise<BenchResult> {
  const option = (name: string): string | undefined =>
    args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
  const measurements = Math.max(1000, Number(option('measurements') ?? DEFAULT_MEASUREMENTS));
  const rows: BenchRow[] = [];
  const failures: string[] = [];
  for (const name of ['wasm', 'wasm-simd'] as const) {
    engine.use(name);
    for (const subject of subjects(currentEngine())) {
      if (!subject.figure.includes(option('only') ?? '')) continue;
      const t = measure(subject, measurements);
      const figure = `${name}: ${subject.figure}, ${measurements} measurements`;
      rows.push({ figure, unit: '|t|', value: t, peers: { limit: LIMIT }, ratio: t / LIMIT });
      if (t >= LIMIT !== (subject.planted ?? false)) failures.push(`${figure}: |t| is ${t}`);
    }
  }
  engine.use();
  if (rows.length === 0) throw new UsageError(`no figure has the words ${option('only') ?? ''}`);
  return Promise.resolve({ rows, failures });
}

function subjects(current: Engine): Subject[] {
  const cipher = currentCipher();
  const [digest, fresh, block, guess] = [random(32), random(34), random(256), random(32)];
  const [iv, nonce] = [random(16), random(12)];
  const { publicKey } = sm2.generateKeyPair();
  const sealed = sm2.encrypt(random(32), publicKey);
  return [
    { figure: 'public key of a secret key', run: (secret) => current.publicKeyOf(secret) },
    { figure: 'preparation of a key, (1 + d)^-1', run: (secret) => current.prepare(secret) },
    {
      figure: 'signature under a prepared key',
      prepare: (secret) => current.prepare(secret),
      run: (_, key) => current.signDigests(key, [{ digest, fresh }]),
    },
    {
      figure: 'secret times a point, the part of SM2 decryption that computes with the key',
      run: (secret) => current.multiply(secret, publicKey),
    },
    {
      figure: 'SM2 decryption as a whole, under keys that it is not for',
      run: (secret) => refusal(() => sm2.decrypt(sealed, secret)),
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
      figure: 'SM4-CTR, 16 blocks',
      run: (secret) => cipher.sm4Ctr(secret.subarray(0, 16), iv, block),
    },
    {
      figure: 'SM4-GCM: a key made ready, a message sealed and opened under it',
      run: (secret) => {
        const key = cipher.gcmKey(secret.subarray(0, 16));
        return cipher.gcmOpen(key, nonce, cipher.gcmSeal(key, nonce, block, iv), iv);
      },
    },
    {
      figure: 'PLANTED: comparison with an early exit',
      planted: true,
      run: (secret) => earlyExit(secret, guess),
    },
    {
      figure: 'PLANTED: GHASH and some nanoseconds more for the fixed key',
      planted: true,
      run: (secret) => {
        cipher.ghash(secret.subarray(0, 16), block);
        return secret[0] === FIXED_FIRST ? earlyExit(secret, secret) : 0;
      },
    },
  ];
}

function refusal(use: () => unknown): unknown {
  try {
    return use();
  } catch (error) {
    return error;
  }
}

/** What a naive tag comparison does: it stops at the first difference. */
function earlyExit(secret: Uint8Array, guess: Uint8Array): number {
  let work = 0;
  for (let index = 0; index < 32; index += 1) {
    work += 1;
    if ((secret[index] ?? 0) !== (guess[index] ?? 0) && secret[0] !== FIXED_FIRST) break;
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

const CHUNK = 500;
const NONE = new Uint8Array(32);

const UNPREPARED: PreparedKey = { secretKey: NONE, inverse: NONE };

function measure({ run, prepare: keyOf = () => UNPREPARED }: Subject, count: number): number {
  const times: [number[], number[]] = [[], []];
  const spent = new Float64Array(CHUNK);
  // The first chunks run before the compilers have settled, and do not count.
  for (let done = -count / 20; done < count; done += CHUNK) {
    const { inputs, classes } = prepare();
    const keys = inputs.map(keyOf);
    // Between the two readings of the clock, and before the first, nothing depends on the class.
    for (let index = 0; index < CHUNK; index += 1) {
      const secret = inputs[index] ?? NONE;
      const key = keys[index] ?? UNPREPARED;
      const started = process.hrtime.bigint();
      run(secret, key);
      spent[index] = Number(process.hrtime.bigint() - started);
    }
    if (done < 0) continue;
    for (const [index, time] of spent.entries())
      times[(classes[index] ?? 0) & 1 ? 1 : 0].push(time);
  }
  return largestT(...times);
}

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
