// SPDX-License-Identifier: Apache-2.0
// Licences anchored as a gateway does it, everything prepared beforehand: batches of one epoch follow each other, several epochs go side by side.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sm2 } from '@zhenglian/guomi';
import { anchorRoot, EPOCH_SIZE } from '@zhenglian/core/anchor';
import { encodeCbor } from '@zhenglian/core/cbor';
import type { CborInput } from '@zhenglian/core/cbor';
import { isCodedError } from '@zhenglian/core/errors';
import { batchPayload } from '@zhenglian/core/records/batch';
import { possessionPayload } from '@zhenglian/core/records/key';
import { commitment, emptyChain, statusPayload } from '@zhenglian/core/records/status';
import { asCbor } from '@zhenglian/core/shape';
import { compressKey, keyId, signFor } from '@zhenglian/core/signing';
import type { Purpose, Signer } from '@zhenglian/core/signing';
import { ensureFounded } from '@zhenglian/network/found';
import type { Call, Ledger } from '@zhenglian/network/ledger';
import { accredit, FOUNDING_TYPES } from '../../accredit.ts';
import { readConsortium } from '../../consortium.ts';
import { DEFINITION } from './ledger-engines.ts';
import type { LedgerEngine } from './ledger-engines.ts';

/** A desk of Guangdong that may sign. */
export interface AnchorDesk {
  readonly ledger: Ledger;
  readonly networkId: Uint8Array;
  readonly uscc: string;
  readonly key: Signer;
  readonly kid: Uint8Array;
  /** The next epoch that was never opened. */
  nextEpoch: number;
}

/** An epoch's batches, signed. */
export interface PreparedEpoch {
  readonly epoch: number;
  readonly size: number;
  readonly calls: readonly Call[];
}

/** When a batch was committed, how long it took, how many licences it held; milliseconds. */
export interface Commit {
  readonly at: number;
  readonly took: number;
  readonly licences: number;
}

export const CHAINCODE = 'zl-p44';
const MSP = 'P44';
const TYPE = 'driving';
/** What says: nothing is in the chain, or the chain will tell. */
const AGAIN = [
  ...['LEDGER_UNAVAILABLE', 'ENDORSEMENT_MISMATCH', 'MVCC_CONFLICT', 'PHANTOM_CONFLICT'],
  ...['COMMIT_UNKNOWN', 'TIME_BACKWARDS', 'BATCH_ORDER'],
] as const;

/** Founds and accredits the network, and registers a key. */
export async function openDesk(engine: LedgerEngine): Promise<AnchorDesk> {
  const voters = await Promise.all(engine.msps.map((msp) => engine.connect(msp, 'administrator')));
  const [first] = voters;
  if (!first) throw new Error('nobody votes');
  const networkId = await ensureFounded(first, DEFINITION, await engine.founders());
  await accredit(readConsortium(), FOUNDING_TYPES, voters);
  await Promise.all(voters.map((voter) => voter.close()));
  const secret = new Uint8Array(randomBytes(32));
  secret[0] = 1;
  const publicKey = compressKey(sm2.publicKeyOf(secret));
  const key = { publicKey, sign: (message: Uint8Array) => sm2.sign(message, secret) };
  const authority = readConsortium().authorities.find(
    ({ msp, types }) => msp === MSP && types.includes(TYPE),
  );
  const uscc = authority?.uscc ?? '';
  const ledger = await engine.connect(MSP);
  const desk = { ledger, networkId, uscc, key, kid: keyId(publicKey), nextEpoch: 1 };
  const possession = sign(desk, 'possession', possessionPayload(MSP, uscc, publicKey));
  const now = Math.floor(Date.now() / 1000);
  const window = { notBefore: now - 86_400, notAfter: now + 86_400 };
  const request = { uscc, publicKey, types: [TYPE], ...window, possession };
  await submitUntilIn(ledger, call('zl', 'RegisterKey', request));
  return desk;
}

/** Opens epochs and prepares their batches: `count` licences, `lanes` epochs at a time. */
export async function prepareEpochs(
  desk: AnchorDesk,
  size: number,
  count: number,
): Promise<PreparedEpoch[]> {
  const epochs: PreparedEpoch[] = [];
  const most = Math.floor(EPOCH_SIZE / size);
  for (let left = Math.ceil(count / size); left > 0; left -= most) {
    const epoch = desk.nextEpoch++;
    const opening = { uscc: desk.uscc, epoch, instance: 'bench' };
    await submitUntilIn(desk.ledger, call(CHAINCODE, 'OpenEpoch', opening));
    const batches = Array.from({ length: Math.min(left, most) }, (_, n) => n);
    epochs.push({ epoch, size, calls: batches.map((n) => prepareBatch(desk, epoch, n, size)) });
  }
  return epochs;
}

/** Anchors prepared epochs, so many side by side. */
export async function anchorEpochs(
  { ledger }: AnchorDesk,
  epochs: readonly PreparedEpoch[],
  lanes: number,
): Promise<Commit[]> {
  const commits: Commit[] = [];
  const waiting = [...epochs];
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      for (const each of next.calls) {
        const started = performance.now();
        await submitUntilIn(ledger, each);
        const at = performance.now();
        commits.push({ at, took: at - started, licences: next.size });
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return commits;
}

/** Revokes one anchored licence. */
export function revocation(desk: AnchorDesk, { epoch }: PreparedEpoch, index: number): Call {
  const content = {
    ...{ uscc: desk.uscc, epoch, n: 0, index, seq: 1, kid: desk.kid },
    ...{ state: 'revoked' as const, class: 'administrative' as const },
    commitment: commitment(new Uint8Array(randomBytes(16)), 'reason', 'basis'),
    time: Math.floor(Date.now() / 1000) - 1,
  };
  const signature = sign(desk, 'status', statusPayload(content, emptyChain()));
  return call(CHAINCODE, 'SetStatuses', { changes: [asCbor({ ...content, signature })] });
}

/** Submits until the transaction is in the chain; the record's own key makes it exactly once. */
export async function submitUntilIn(ledger: Ledger, each: Call): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await ledger.submit(each);
      return;
    } catch (error) {
      if (tries > 0 && isCodedError(error, 'EXISTS')) return;
      if (tries > 100 || !AGAIN.some((code) => isCodedError(error, code))) throw error;
      await sleep(50);
    }
  }
}

/** A call of a contract. */
export function call(chaincode: string, name: string, request: CborInput): Call {
  return { chaincode, name, request: encodeCbor(request) };
}

function prepareBatch(desk: AnchorDesk, epoch: number, n: number, count: number): Call {
  const leaves = new Uint8Array(randomBytes(count * 32));
  const list = Array.from({ length: count }, (_, i) => leaves.subarray(i * 32, i * 32 + 32));
  const place = { uscc: desk.uscc, epoch, n, first: n * count, count };
  const content = { ...place, root: anchorRoot(list), type: TYPE, kid: desk.kid };
  const signature = sign(desk, 'batch', batchPayload(content));
  return { ...call(CHAINCODE, 'SubmitBatch', { ...content, signature }), extra: [leaves] };
}

function sign(desk: AnchorDesk, purpose: Purpose, payload: Uint8Array): Uint8Array {
  return signFor(desk.key, { purpose, networkId: desk.networkId, payload });
}
