// SPDX-License-Identifier: Apache-2.0
// What guomi-engines.ts runs in each host: every guomi engine that loads there passes its self-test and a
// round of everything, and says how fast it is. Knows neither Node nor a page.
import { engine, GuomiError, sm2, sm3, sm4, type EngineName } from '@zhenglian/guomi';

/** One guomi engine in one host; `failed` names the checks that did not hold. */
export type EngineReport = Readonly<{
  engine: EngineName;
  loads: boolean;
  failed: readonly string[];
  verifyPerSecond: number;
  batchPerSecond: number;
  signPerSecond: number;
}>;

/** What a host answers; `chosen` is the engine that guomi takes there by itself. */
export type HostReport = Readonly<{ chosen: EngineName; engines: readonly EngineReport[] }>;

/** Runs the sample on all three engines. */
export function runSample(): HostReport {
  const engines = (['wasm-simd', 'wasm', 'complete'] as const).map(report);
  engine.use();
  race();
  return { chosen: engine.name, engines };
}

/** Batches enough that one lane and two have been timed. */
function race(): void {
  if (engine.name !== 'wasm-simd') return;
  const { secretKey, publicKey } = sm2.generateKeyPair();
  const item = { signature: sm2.sign(ABC, secretKey), message: ABC, publicKey };
  for (let batches = 0; batches < 4; batches += 1)
    sm2.verifyBatch(Array<typeof item>(128).fill(item));
}

function report(name: EngineName): EngineReport {
  const nothing = { verifyPerSecond: 0, batchPerSecond: 0, signPerSecond: 0 };
  try {
    engine.use(name); // with its known-answer test
  } catch (error) {
    const absent = error instanceof GuomiError && error.code === 'ENGINE_UNAVAILABLE';
    return { engine: name, loads: false, failed: absent ? [] : [String(error)], ...nothing };
  }
  return { engine: name, loads: true, failed: failedChecks(), ...rates(name === 'complete') };
}

const ABC = new TextEncoder().encode('abc');
const DIGEST = '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'; // GB/T 32905 A.1
const BLOCK = '0123456789abcdeffedcba9876543210'; // GB/T 32907 Annex A.1, key and plaintext
const CIPHERTEXT = '681edf34d206965e86b3e94f536e4246';

function failedChecks(): string[] {
  const { secretKey, publicKey } = sm2.generateKeyPair();
  const signature = sm2.sign(ABC, secretKey);
  const item = { signature, message: ABC, publicKey };
  const batch = [item, { ...item, message: signature }, ...Array<typeof item>(9).fill(item)];
  const block = bytes(BLOCK);
  const iv = new Uint8Array(12);
  const sealed = sm4.gcmEncrypt(block, iv, ABC);
  const checks: Readonly<Record<string, boolean>> = {
    'SM3 of "abc"': hex(sm3.hash(ABC)) === DIGEST,
    'SM3 of a megabyte in pieces': streamed(),
    'Merkle root of 300 leaves': hex(sm3.merkleRoot(new Uint8Array(9600))).length === 64,
    'SM2 signature accepted': sm2.verify(signature, ABC, publicKey),
    'SM2 signature of something else refused': !sm2.verify(signature, signature, publicKey),
    'SM2 batch': sm2.verifyBatch(batch).every((answer, index) => answer === (index !== 1)),
    'SM2 encryption': hex(sm2.decrypt(sm2.encrypt(ABC, publicKey), secretKey)) === hex(ABC),
    'SM4 block': hex(sm4.ctr(block, block, new Uint8Array(16))) === CIPHERTEXT,
    'SM4-GCM': hex(sm4.gcmDecrypt(block, iv, sealed)) === hex(ABC),
  };
  return Object.entries(checks).flatMap(([name, holds]) => (holds ? [] : [name]));
}

function streamed(): boolean {
  const megabyte = new Uint8Array(2 ** 20).fill(0xa5);
  const stream = sm3.create();
  for (let at = 0; at < megabyte.length; at += 100_003) {
    stream.update(megabyte.subarray(at, at + 100_003));
  }
  return hex(stream.digest()) === hex(sm3.hash(megabyte));
}

function rates(slow: boolean): Omit<EngineReport, 'engine' | 'loads' | 'failed'> {
  const items = Array.from({ length: slow ? 4 : 128 }, () => {
    const pair = sm2.generateKeyPair();
    const signature = sm2.sign(ABC, pair.secretKey, { verifyAfterSign: false });
    return { ...pair, message: ABC, signature };
  });
  const [first] = items;
  if (first === undefined) throw new RangeError('no item');
  const signer = sm2.createSigner(first.secretKey, { verifyAfterSign: false });
  const { signature, publicKey } = first;
  return {
    verifyPerSecond: rate(1, () => sm2.verify(signature, ABC, publicKey)),
    batchPerSecond: rate(items.length, () => sm2.verifyBatch(items)),
    signPerSecond: rate(1, () => signer.sign(ABC)),
  };
}

/** The best of some tenths of a second. */
function rate(count: number, run: () => unknown): number {
  let best = 0;
  for (let round = 0; round < 8; round += 1) {
    const started = performance.now();
    let done = 0;
    let spent = 0;
    while (spent < 100) {
      run();
      done += count;
      spent = performance.now() - started;
    }
    best = Math.max(best, (1000 * done) / spent);
  }
  return Math.round(best);
}

function hex(of: Uint8Array): string {
  return [...of].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
