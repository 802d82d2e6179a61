// SPDX-License-Identifier: Apache-2.0
// A line of batches, anchored one after the other while a drill breaks things: what was accepted, the longest gap, and at the end whether
// the chain holds exactly what was accepted.
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sm2 } from '@zhenglian/guomi';
import { anchorRoot } from '@zhenglian/core/anchor';
import { concat, equals } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import { isCodedError } from '@zhenglian/core/errors';
import { batchPayload } from '@zhenglian/core/records/batch';
import { possessionPayload } from '@zhenglian/core/records/key';
import { compressKey, keyId, signFor } from '@zhenglian/core/signing';
import { readEpochEvidence, readTrustBundle } from '@zhenglian/core/trust';
import type { CborInput } from '@zhenglian/core/cbor';
import type { Signer } from '@zhenglian/core/signing';
import type { Call, Ledger } from '@zhenglian/network/ledger';

/** What a line did. */
export interface LineResult {
  readonly accepted: number;
  /** Accepted, and not in the chain. */
  readonly lost: number;
  /** In the chain twice, or without having been accepted. */
  readonly strange: number;
  /** Transactions made again after an error that said so. */
  readonly repeated: number;
  readonly longestGapMs: number;
}

/** The authority that the line issues for. */
export interface LineParts {
  readonly ledger: Ledger;
  readonly networkId: Uint8Array;
  readonly uscc: string;
  readonly type: string;
}

const LEAVES = 20;
/** What says: nothing is in the chain, or the chain will tell. */
const AGAIN = [
  ...['LEDGER_UNAVAILABLE', 'ENDORSEMENT_MISMATCH', 'MVCC_CONFLICT', 'PHANTOM_CONFLICT'],
  ...['COMMIT_UNKNOWN', 'TIME_BACKWARDS'],
] as const;

/** A line: `start`, break things, `end`. */
export class DrillLine {
  readonly #parts: LineParts;
  readonly #key: Signer;
  readonly #kid: Uint8Array;
  readonly #epoch = 1_000_000 + (randomBytes(4).readUInt32BE() % 1_000_000_000);
  readonly #roots: Uint8Array[] = [];
  #repeated = 0;
  #longestGapMs = 0;
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  private constructor(parts: LineParts, secret: Uint8Array) {
    this.#parts = parts;
    const publicKey = compressKey(sm2.publicKeyOf(secret));
    this.#kid = keyId(publicKey);
    this.#key = { publicKey, sign: (message) => sm2.sign(message, secret) };
  }

  /** Registers a key, opens an epoch, and anchors until `end`. */
  static async start(parts: LineParts): Promise<DrillLine> {
    const secret = new Uint8Array(randomBytes(32));
    secret[0] = 1;
    const line = new DrillLine(parts, secret);
    await line.#open();
    await line.#anchor();
    line.#running = line.#run();
    return line;
  }

  get accepted(): number {
    return this.#roots.length;
  }

  /** Waits until so many more batches were accepted. */
  async await(more: number): Promise<void> {
    const goal = this.accepted + more;
    while (this.accepted < goal) await Promise.race([this.#running, sleep(50)]);
  }

  /** Stops, and compares what was accepted with what the organisations co-sign. */
  async end(): Promise<LineResult> {
    this.#stopping = true;
    await this.#running;
    const held = await this.#held();
    const lost = this.#roots.filter((root, n) => !isAt(held, n, root)).length;
    return {
      accepted: this.accepted,
      lost,
      strange: Math.max(0, held.length - this.accepted + lost),
      repeated: this.#repeated,
      longestGapMs: this.#longestGapMs,
    };
  }

  async #open(): Promise<void> {
    const { ledger, networkId, uscc, type } = this.#parts;
    const { publicKey } = this.#key;
    const now = Math.floor(Date.now() / 1000);
    const payload = possessionPayload(ledger.msp, uscc, publicKey);
    const possession = signFor(this.#key, { purpose: 'possession', networkId, payload });
    const window = { notBefore: now - 3600, notAfter: now + 86_400 };
    await ledger.submit(
      call('zl', 'RegisterKey', { uscc, publicKey, types: [type], ...window, possession }),
    );
    const instance = `drill-${String(this.#epoch)}`;
    await ledger.submit(call(this.#chaincode, 'OpenEpoch', { uscc, epoch: this.#epoch, instance }));
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const started = Date.now();
      await this.#anchor();
      this.#longestGapMs = Math.max(this.#longestGapMs, Date.now() - started);
    }
  }

  /** One batch, until it is in the chain: the batch's own key makes it exactly once. */
  async #anchor(): Promise<void> {
    const { root, submit } = this.#batch(this.#roots.length);
    for (let tries = 0; ; tries++) {
      try {
        await this.#parts.ledger.submit(submit);
        break;
      } catch (error) {
        // An attempt whose outcome was unknown had arrived.
        if (tries > 0 && isCodedError(error, 'EXISTS')) break;
        if (!AGAIN.some((code) => isCodedError(error, code))) throw error;
        this.#repeated += 1;
        await sleep(200);
      }
    }
    this.#roots.push(root);
  }

  #batch(n: number): { root: Uint8Array; submit: Call } {
    const { networkId, uscc, type } = this.#parts;
    const leaves = Array.from({ length: LEAVES }, (_, i) => leaf(this.#epoch, n * LEAVES + i));
    const place = { uscc, epoch: this.#epoch, n, first: n * LEAVES, count: LEAVES };
    const root = anchorRoot(leaves);
    const content = { ...place, root, type, kid: this.#kid };
    const payload = batchPayload(content);
    const signature = signFor(this.#key, { purpose: 'batch', networkId, payload });
    const request = { ...content, signature };
    const submit = { ...call(this.#chaincode, 'SubmitBatch', request), extra: [concat(...leaves)] };
    return { root, submit };
  }

  async #held(): Promise<readonly { readonly n: number; readonly root: Uint8Array }[]> {
    const { ledger, networkId, uscc } = this.#parts;
    const nonce = new Uint8Array(randomBytes(16));
    const pin = { networkId, nonce };
    const trust = readTrustBundle(
      await ledger.evaluateCosigned(call('zl', 'TrustBundle', { nonce })),
      pin,
    );
    const asked = { uscc, epoch: this.#epoch };
    const question = call(this.#chaincode, 'EpochEvidence', { ...asked, nonce });
    const answer = await ledger.evaluateCosigned(question);
    return readEpochEvidence(answer, trust, asked, pin).evidence.batches;
  }

  get #chaincode(): string {
    return `zl-${this.#parts.ledger.msp.toLowerCase()}`;
  }
}

function isAt(
  held: readonly { readonly n: number; readonly root: Uint8Array }[],
  n: number,
  root: Uint8Array,
): boolean {
  const found = held.filter((batch) => batch.n === n);
  return found.length === 1 && found.every((batch) => equals(batch.root, root));
}

function leaf(epoch: number, index: number): Uint8Array {
  return new Uint8Array(
    createHash('sha256')
      .update(`drill ${String(epoch)} ${String(index)}`)
      .digest(),
  );
}

function call(chaincode: string, name: string, request: CborInput): Call {
  return { chaincode, name, request: encodeCbor(request) };
}
