// SPDX-License-Identifier: Apache-2.0
// A wallet's part of a test: keys, claims, codes to show. It knows the gateway's answers only.
import { randomBytes } from 'node:crypto';
import { sm2 } from '@zhenglian/guomi';
import { fromBase64, fromHex, toBase64 } from '@zhenglian/core/bytes';
import { decodeCbor } from '@zhenglian/core/cbor';
import { claimPayload, renewalPayload } from '@zhenglian/core/claim';
import { decodeCopy } from '@zhenglian/core/copy';
import type { Copy } from '@zhenglian/core/copy';
import { provePossession } from '@zhenglian/core/possession';
import { presentSlots } from '@zhenglian/core/presentation';
import { parseRequest } from '@zhenglian/core/request';
import { signFor } from '@zhenglian/core/signing';
import type { Signer } from '@zhenglian/core/signing';
import { parseTypeDefinition } from '@zhenglian/core/types/definition';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { formatWire } from '@zhenglian/core/wire';
import { expect } from 'chai';
import type { Answered } from './call-app.ts';
import type { TestGateway } from './support.ts';

/** Unix seconds of this machine. */
export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** A fresh holder key. */
export function createHolder(): Signer {
  const secretKey = Uint8Array.from(randomBytes(32)).fill(1, 0, 1);
  const publicKey = sm2.compressPublicKey(sm2.publicKeyOf(secretKey));
  return { publicKey, sign: (message) => sm2.sign(message, secretKey) };
}

/** A claim's body as a wallet sends it. */
export function claimBody(
  under: TestGateway,
  code: string,
  holder: Signer,
  over: { readonly at?: number; readonly gateway?: string } = {},
): Record<string, unknown> {
  const { at = nowSeconds(), gateway = under.config.msp } = over;
  const holderKey = holder.publicKey;
  const payload = claimPayload({ code, gateway, holderKey, at });
  const { networkId } = under.config;
  const proof = signFor(holder, { purpose: 'claim', networkId, payload });
  return { code, holderKey: toBase64(holderKey), at, proof: toBase64(proof) };
}

/** A renewal's body. */
export function renewalBody(
  under: TestGateway,
  copy: Copy,
  old: Signer,
  fresh: Signer,
  at = nowSeconds(),
): Record<string, unknown> {
  const { kid, epoch, index } = copy;
  const newHolderKey = fresh.publicKey;
  const { networkId, msp: gateway } = under.config;
  const payload = renewalPayload({ kid, epoch, index, newHolderKey, gateway, at });
  const proof = signFor(old, { purpose: 'claim', networkId, payload });
  return {
    copy: { kid: Buffer.from(kid).toString('hex'), epoch, index },
    holderKey: toBase64(old.publicKey),
    newHolderKey: toBase64(newHolderKey),
    at,
    proof: toBase64(proof),
  };
}

/** What a wallet keeps of a claim. */
export interface Carried {
  readonly copy: Copy;
  readonly type: TypeDefinition;
  readonly holder: Signer;
  readonly networkId: Uint8Array;
}

/** Reads the answer to a claim or renewal. */
export function carry(answer: Answered, holder: Signer): Carried {
  expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
  const [encoded = ''] = answer.body.copies as string[];
  return {
    copy: decodeCopy(fromBase64(encoded)),
    type: parseTypeDefinition(decodeCbor(fromBase64(answer.body.typeDefinition as string))),
    holder,
    networkId: fromHex(answer.body.networkId as string),
  };
}

/** A code at the counter for a licence. */
export async function claimCode(
  under: TestGateway,
  licence: string,
  delivery = 'counter',
): Promise<string> {
  const { status, body } = await under.call('post', `/v1/licences/${licence}/claim-codes`, {
    body: { delivery },
  });
  expect(status, JSON.stringify(body)).to.equal(201);
  return body.code as string;
}

/** Claims a licence into a wallet. */
export async function claim(under: TestGateway, licence: string): Promise<Carried> {
  const code = await claimCode(under, licence);
  const holder = createHolder();
  const body = claimBody(under, code, holder);
  return carry(await under.call('post', '/v1/claims', { as: 'nobody', body }), holder);
}

/** Text of a code that shows some fields, for a request or none. */
export function present(
  carried: Carried,
  slots: readonly string[],
  over: { readonly request?: string; readonly at?: number } = {},
): string {
  const { copy, type, holder, networkId } = carried;
  const request = over.request === undefined ? {} : { request: parseRequest(over.request) };
  const context = { networkId, at: over.at ?? nowSeconds(), ...request };
  return formatWire(provePossession(presentSlots(copy, type, slots), holder, context));
}

/** How the trace names a copy. */
export function referenceOf({ kid, epoch, index }: Copy): string {
  return `${Buffer.from(kid).toString('hex')}-${String(epoch)}-${String(index)}`;
}
