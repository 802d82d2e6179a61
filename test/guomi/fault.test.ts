// SPDX-License-Identifier: Apache-2.0
// Bits flipped in the module's tables and in all of its memory, before a signature and in the middle of one: it is
// refused or right, never given out wrong, and a right one's nonce is nobody else's. SEED changes the flips.
import { expect } from 'chai';
import { engine, GuomiError, sm2 } from '../../guomi/src/index.ts';
import { bytesToNumber } from '../../guomi/src/bytes.ts';
import { standIn } from '../../guomi/src/current-engine.ts';
import { CURVE } from '../../guomi/src/curve.ts';
import type { ModuleExports } from '../../guomi/src/wasm/exports.ts';
import {
  AREA,
  areaBytes,
  BATCH_LEAST,
  HEAP,
  SLOT_BYTES,
  type AreaName,
} from '../../guomi/src/wasm/layout.ts';
import { instantiate } from '../../guomi/src/wasm/loader.ts';
import { openEngine } from '../../guomi/src/wasm/wasm-engine.ts';
import { opensslVerify, seededRandom } from './oracles.ts';

const { n } = CURVE;
const SEED = process.env['SEED'] ?? 'faults';
const ROUNDS = process.env['SLOW'] === '1' ? 10_000 : 400;

/** Odd, and enough to be checked by the kernels of batches. */
const BATCH = BATCH_LEAST + 1;
/** What signing reads, by turns; then the key's own table, then anywhere. */
const AREAS: readonly AreaName[] = [
  'signTable',
  'signTable',
  'baseTable',
  'constants',
  'secret',
  'inverse',
  'nonce',
  'digest',
  'signing',
  'temporaries',
];
/** Between what a flip may fall, in the middle of a signature. */
const STEPS = [
  'prepareSigner',
  'derive',
  'sm3At',
  'makeNonce',
  'signPoint',
  'signInvert',
  'signFinish',
  'verify',
  'batchAdd',
  'batchRun',
] as const;

describe('guomi under faults', function () {
  this.timeout(3_600_000);
  afterEach(() => engine.use());

  for (const name of ['wasm', 'wasm-simd'] as const) {
    for (const when of ['before', 'in the middle of'] as const) {
      it(`${name}: gives out no wrong signature when a bit flips ${when} a signature (${ROUNDS})`, () => {
        const random = seededRandom(`${SEED}/${name}/${when}`);
        const outcome = underFaults(name, when === 'before', random);
        // Most bits of the memory are not read; the others must be noticed.
        expect(outcome.right).to.be.greaterThan(ROUNDS / 10);
        expect(outcome.refused).to.be.greaterThan(ROUNDS / 80);
        expect(outcome.nonces.size).to.equal(outcome.right);
      });
    }
  }

  it('would find a wrong signature that left: a flip without the check gives some away', () => {
    const random = seededRandom(`${SEED}/unchecked`);
    expect(() => underFaults('wasm', false, random, { verifyAfterSign: false })).to.throw(
      'a wrong signature was given out',
    );
  });
});

type Outcome = { right: number; refused: number; readonly nonces: Set<bigint> };

function underFaults(
  name: 'wasm' | 'wasm-simd',
  isBefore: boolean,
  random: (length: number) => Uint8Array,
  options: sm2.SignOptions = {},
): Outcome {
  const sound = instantiate(name);
  let strike = -1; // steps until the flip
  let flip = (): void => undefined;
  const exports = interrupted(sound, () => {
    if (strike === 0) flip();
    strike -= 1;
  });
  const faulty = openEngine(name, exports);
  standIn(faulty);
  const pair = sm2.generateKeyPair(random);
  const signer = sm2.createSigner(pair.secretKey, { ...options, random });
  const alone = (messages: readonly Uint8Array[]): Uint8Array[] =>
    messages.map((message) => sm2.sign(message, pair.secretKey, { ...options, random }));
  for (let pass = 0; pass < 3; pass += 1) sm2.sign(random(20), pair.secretKey, { random });
  const pristine = new Uint8Array(sound.memory.buffer).slice();
  const outcome: Outcome = { right: 0, refused: 0, nonces: new Set() };
  for (let round = 0; round < ROUNDS; round += 1) {
    const at = placeOf(round, random, pristine.length);
    const [bit = 0, step = 0] = random(2);
    // Every third time through the areas a batch, checked as one, by the signer that was made before any flip.
    const count = Math.floor(round / (AREAS.length + 2)) % 3 === 0 ? BATCH : 1;
    flip = () => {
      const memory = new Uint8Array(sound.memory.buffer);
      memory[at] = (memory[at] ?? 0) ^ (1 << (bit & 7));
    };
    if (isBefore) flip();
    strike = isBefore ? -1 : step % (10 + 3 * count);
    const messages = Array.from({ length: count }, () => random(20));
    const signatures = attempt(() => (count > 1 ? signer.signBatch(messages) : alone(messages)));
    new Uint8Array(sound.memory.buffer).set(pristine);
    recordAll(outcome, pair, messages, signatures);
  }
  return outcome;
}

/** The same functions, with something done before each step of a signature. */
function interrupted(exports: ModuleExports, before: () => void): ModuleExports {
  const steps = STEPS.map((name) => {
    const step = exports[name];
    return [
      name,
      (...args: unknown[]): unknown => (before(), Reflect.apply(step, undefined, args)),
    ];
  });
  return { ...exports, ...Object.fromEntries(steps) };
}

function placeOf(round: number, random: (length: number) => Uint8Array, end: number): number {
  const drawn = Number(bytesToNumber(random(6)));
  const area = AREAS[round % (AREAS.length + 2)];
  if (area !== undefined) return AREA[area] + (drawn % areaBytes(area));
  const ownTable = round % (AREAS.length + 2) === AREAS.length;
  return ownTable ? HEAP + (drawn % SLOT_BYTES) : drawn % end;
}

/** The signatures, or nothing where they were refused; any other error fails the test. */
function attempt(sign: () => Uint8Array[]): Uint8Array[] | undefined {
  try {
    return sign();
  } catch (error) {
    if (!(error instanceof GuomiError)) throw error;
    expect(error.code).to.be.oneOf(['SIGNATURE_UNSAFE', 'RANDOM_FAILED', 'ENGINE_FAILED']);
    return undefined;
  }
}

/** One signature a message, or none at all. */
function recordAll(
  outcome: Outcome,
  pair: sm2.KeyPair,
  messages: readonly Uint8Array[],
  signatures: readonly Uint8Array[] | undefined,
): void {
  if (signatures !== undefined) expect(signatures).to.have.length(messages.length);
  for (const [index, message] of messages.entries()) {
    record(outcome, pair, message, signatures?.[index]);
  }
}

function record(
  outcome: Outcome,
  { secretKey, publicKey }: sm2.KeyPair,
  message: Uint8Array,
  signature: Uint8Array | undefined,
): void {
  outcome[signature === undefined ? 'refused' : 'right'] += 1;
  if (signature === undefined) return;
  if (!opensslVerify(signature, message, publicKey)) {
    throw new Error('a wrong signature was given out');
  }
  // k = s + (r + s)·d: who knew it, or met it twice, had d.
  const [r, s] = [bytesToNumber(signature.subarray(0, 32)), bytesToNumber(signature.subarray(32))];
  const nonce = (s + (r + s) * bytesToNumber(secretKey)) % n;
  expect(nonce > 1n << 200n && n - nonce > 1n << 200n).to.equal(true);
  outcome.nonces.add(nonce);
}
