// SPDX-License-Identifier: Apache-2.0
// A bureau of the drills: its key, its epoch, and the signed requests of its work (docs/ledger.md §4).
import { createHash, randomBytes } from 'node:crypto';
import { sm2 } from '@zhenglian/guomi';
import { anchorRoot } from '@zhenglian/core/anchor';
import { concat } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import { batchPayload } from '@zhenglian/core/records/batch';
import { possessionPayload } from '@zhenglian/core/records/key';
import { provinceChaincode } from '@zhenglian/core/records/record-key';
import { commitment, emptyChain, statusPayload } from '@zhenglian/core/records/status';
import { asCbor } from '@zhenglian/core/shape';
import { compressKey, keyId, signFor } from '@zhenglian/core/signing';
import { readEpochEvidence, readTrustBundle } from '@zhenglian/core/trust';
import type { CosignedAnswer } from '@zhenglian/core/cosigned-answer';
import type { EpochFacts, TrustFacts } from '@zhenglian/core/trust';
import type { CborInput } from '@zhenglian/core/cbor';
import type { Purpose, Signer } from '@zhenglian/core/signing';
import type { Call, Ledger } from '@zhenglian/network/ledger';
import { submitOnce } from './steady.ts';

/** The authority that is issued for, and its province's client. */
export interface IssuerParts {
  readonly ledger: Ledger;
  readonly networkId: Uint8Array;
  readonly uscc: string;
  readonly type: string;
}

/** A key that the consortium knows. */
export interface IssuerKey extends Signer {
  readonly kid: Uint8Array;
}

/** Where a batch goes. */
export interface BatchPlace {
  readonly epoch: number;
  readonly n: number;
  readonly first: number;
  /** The issuer's own unless given. */
  readonly type?: string;
}

/** The trust bundle as the organisations co-sign it, and an epoch's evidence under it. */
export interface CosignedEpoch {
  readonly trust: TrustFacts;
  readonly facts: EpochFacts;
  readonly answer: CosignedAnswer;
  readonly pin: { readonly networkId: Uint8Array; readonly nonce: Uint8Array };
}

/** Registers a fresh key of an authority, good for a day. */
export async function registerKey(
  parts: IssuerParts,
  types: readonly string[] = [parts.type],
): Promise<IssuerKey> {
  const { ledger, uscc } = parts;
  const secret = new Uint8Array(randomBytes(32));
  secret[0] = 1; // below the order for certain
  const publicKey = compressKey(sm2.publicKeyOf(secret));
  const key = {
    publicKey,
    kid: keyId(publicKey),
    sign: (message: Uint8Array) => sm2.sign(message, secret),
  };
  const now = Math.floor(Date.now() / 1000);
  const window = { notBefore: now - 3600, notAfter: now + 86_400 };
  const possession = signed(
    parts,
    key,
    'possession',
    possessionPayload(ledger.msp, uscc, publicKey),
  );
  const request = { uscc, publicKey, types: [...types], ...window, possession };
  await submitOnce(ledger, callOf('zl', 'RegisterKey', request));
  return key;
}

/** Opens an epoch that nobody else has: gateways count theirs from 0. */
export async function openEpoch({ ledger, uscc }: IssuerParts): Promise<number> {
  const epoch = 1_000_000 + (randomBytes(4).readUInt32BE() % 1_000_000_000);
  const request = { uscc, epoch, instance: `drill-${String(epoch)}` };
  await submitOnce(ledger, callOf(provinceChaincode(ledger.msp), 'OpenEpoch', request));
  return epoch;
}

/** A signed batch. */
export function batchCall(
  parts: IssuerParts,
  key: IssuerKey,
  place: BatchPlace,
  leaves: readonly Uint8Array[],
): Call {
  const { ledger, uscc, type } = parts;
  const root = anchorRoot(leaves);
  const content = { uscc, type, ...place, count: leaves.length, root, kid: key.kid };
  const signature = signed(parts, key, 'batch', batchPayload(content));
  const request = { ...content, signature };
  return {
    ...callOf(provinceChaincode(ledger.msp), 'SubmitBatch', request),
    extra: [concat(...leaves)],
  };
}

/** Revokes indexes of a batch, each for the first time. */
export function revocationCall(
  parts: IssuerParts,
  key: IssuerKey,
  { epoch, n }: Pick<BatchPlace, 'epoch' | 'n'>,
  indexes: readonly number[],
): Call {
  const time = Math.floor(Date.now() / 1000) - 1;
  const changes = indexes.map((index) => {
    const content = {
      ...{ uscc: parts.uscc, epoch, index, time, seq: 1 },
      ...({ state: 'revoked', class: 'administrative' } as const),
      commitment: commitment(new Uint8Array(randomBytes(16)), 'drill', 'drill'),
    };
    const signature = signed(parts, key, 'status', statusPayload(content, emptyChain()));
    return asCbor({ ...content, n, kid: key.kid, signature });
  });
  return callOf(provinceChaincode(parts.ledger.msp), 'SetStatuses', { changes });
}

/** Leaves that look like those of licences. */
export function drillLeaves(epoch: number, first: number, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const name = `drill ${String(epoch)} ${String(first + i)}`;
    return new Uint8Array(createHash('sha256').update(name).digest());
  });
}

/** What the organisations co-sign of an epoch, as a verifier believes it. @throws ANSWER_* */
export async function readCosignedEpoch(
  { ledger, networkId, uscc }: IssuerParts,
  epoch: number,
): Promise<CosignedEpoch> {
  const pin = { networkId, nonce: new Uint8Array(randomBytes(16)) };
  const { nonce } = pin;
  const bundle = await ledger.evaluateCosigned(callOf('zl', 'TrustBundle', { nonce }));
  const trust = readTrustBundle(bundle, pin);
  const asked = { uscc, epoch };
  const chaincode = provinceChaincode(ledger.msp);
  const answer = await ledger.evaluateCosigned(
    callOf(chaincode, 'EpochEvidence', { ...asked, nonce }),
  );
  return { trust, answer, pin, facts: readEpochEvidence(answer, trust, asked, pin) };
}

/** A call with its request. */
export function callOf(chaincode: string, name: string, request: CborInput): Call {
  return { chaincode, name, request: encodeCbor(request) };
}

function signed(
  { networkId }: IssuerParts,
  key: IssuerKey,
  purpose: Purpose,
  payload: Uint8Array,
): Uint8Array {
  return signFor(key, { purpose, networkId, payload });
}
