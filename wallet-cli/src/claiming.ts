// SPDX-License-Identifier: Apache-2.0
// Getting copies from a gateway. The key is on disk before anything is sent, under the name of the order, so that the
// same order made again after a lost answer or a kill is made with the same key and gets the same copy.
import { fromUtf8, toBase64, toHex, utf8 } from '@zhenglian/core/bytes';
import { signFor } from '@zhenglian/core/signing';
import type { Signer } from '@zhenglian/core/signing';
import { checkCopy, fetchTrust } from './check-copy.ts';
import type { ClaimAnswer } from './gateway-answers.ts';
import { untilAnchored } from './gateway-client.ts';
import type { GatewayClient } from './gateway-client.ts';
import { readLicence } from './held-licence.ts';
import type { HeldCopy, HeldLicence } from './held-licence.ts';
import { createHolderKey, forgetHolderKey, withHolderKey } from './holder-keys.ts';
import { keepPin } from './network-pin.ts';
import type { NetworkPin } from './network-pin.ts';
import { isWalletError } from './wallet-error.ts';
import type { Change, WalletFile } from './wallet-file.ts';

/** What an order needs besides itself; seconds. */
export interface OrderContext {
  readonly file: WalletFile;
  readonly gateway: GatewayClient;
  readonly msp: string;
  readonly pin: NetworkPin;
  readonly waitSeconds: number;
  readonly clock: () => number;
  readonly random: (length: number) => Uint8Array;
  readonly sleep: (seconds: number) => Promise<unknown>;
}

/** An order of copies for a new key. `name` is the same when the same thing is ordered again. */
export interface Order {
  readonly name: string;
  readonly route: 'claims' | 'renewals';
  /** What is signed, by the new key itself or by `signedWith`, and sent. */
  readonly payload: (newKey: Uint8Array, at: number) => Uint8Array;
  readonly body: (newKey: Uint8Array, signedBy: Uint8Array) => object;
  readonly signedWith?: string;
}

/** The copies of an order, checked, and the changes that keep them. */
export interface Ordered {
  readonly answer: ClaimAnswer;
  readonly copies: readonly HeldCopy[];
  readonly verified: boolean;
  /** Ends the order; belongs into the write that keeps its copies. */
  readonly changes: readonly Change[];
}

/** After these the code or copy will never work again; the key made for it is forgotten. */
const FINAL = [
  'CLAIM_CODE_UNKNOWN',
  'CLAIM_CODE_SPENT',
  'CLAIM_CODE_EXPIRED',
  'LICENCE_NOT_LIVING',
  'COPY_UNKNOWN',
] as const;

/** Orders copies and checks what comes. @throws the codes of the gateway, COPY_REFUSED, ANSWER_* */
export async function orderCopies(context: OrderContext, order: Order): Promise<Ordered> {
  const { file, gateway, pin } = context;
  const pending = pendingKey(order.name);
  const keyRef = await keyOfOrder(context, pending);
  const answer = await place(context, order, keyRef).catch(async (error: unknown) => {
    const isOver = isWalletError(error, ...FINAL);
    if (isOver) await file.write([{ key: pending }, forgetHolderKey(keyRef)]);
    throw error;
  });
  const trust = await fetchTrust(gateway, pin, context.random(16));
  const check = { networkId: pin.networkId, trust, now: context.clock() };
  const verified = trust !== undefined;
  await withHolderKey(file, keyRef, (holder) => {
    for (const copy of answer.copies) checkCopy(copy, answer, holder, check);
  });
  const bundleVersion = trust?.bundle.version ?? pin.bundleVersion;
  return {
    answer,
    copies: answer.copies.map((copy) => ({ copy, keyRef, verified, uses: 0 })),
    verified,
    changes: [{ key: pending }, keepPin({ networkId: pin.networkId, bundleVersion })],
  };
}

/** The licence with newly ordered copies beside those it keeps. */
export async function joinLicence(
  { file, gateway, msp, pin }: Pick<OrderContext, 'file' | 'gateway' | 'msp' | 'pin'>,
  { answer, copies }: Ordered,
  keeps: (held: HeldCopy) => boolean = () => true,
): Promise<HeldLicence> {
  const held = await readLicence(file, answer.licence);
  const refs = new Set(copies.map(({ keyRef }) => keyRef));
  const kept = (held?.copies ?? []).filter((each) => keeps(each) && !refs.has(each.keyRef));
  return {
    id: answer.licence,
    gateway: gateway.url,
    msp,
    definition: answer.definition,
    issuer: answer.issuer,
    networkId: pin.networkId,
    attachments: answer.attachments,
    renewAfter: answer.renewAfter,
    copies: [...kept, ...copies],
    otherCopies: answer.otherCopies,
  };
}

/** Changes that forget an order that was never finished, and its key. */
export async function forgetOrder(file: WalletFile, name: string): Promise<readonly Change[]> {
  const key = pendingKey(name);
  const stored = await file.get(key);
  return stored === undefined ? [] : [{ key }, forgetHolderKey(fromUtf8(stored))];
}

function pendingKey(name: string): string {
  return `pending/${name}`;
}

async function keyOfOrder({ file, random }: OrderContext, pending: string): Promise<string> {
  const stored = await file.get(pending);
  if (stored !== undefined) return fromUtf8(stored);
  return createHolderKey(file, random, (ref) => [{ key: pending, value: utf8(ref) }]);
}

/** The very same request each time, with one Idempotency-Key, while the licence waits for its anchor. */
async function place(context: OrderContext, order: Order, keyRef: string): Promise<ClaimAnswer> {
  const { file, gateway, pin, sleep } = context;
  const at = context.clock();
  const newKey = await withHolderKey(file, keyRef, (holder) => holder.publicKey);
  const body = await withHolderKey(file, order.signedWith ?? keyRef, (signer) => ({
    ...order.body(newKey, signer.publicKey),
    at,
    proof: toBase64(signClaim(signer, pin.networkId, order.payload(newKey, at))),
  }));
  const idempotencyKey = toHex(context.random(16));
  const waiting = { seconds: context.waitSeconds, sleep };
  return untilAnchored(() => gateway.order(order.route, body, idempotencyKey), waiting);
}

function signClaim(signer: Signer, networkId: Uint8Array, payload: Uint8Array): Uint8Array {
  return signFor(signer, { purpose: 'claim', networkId, payload });
}
