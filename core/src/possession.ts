// SPDX-License-Identifier: Apache-2.0
// Proof that who shows a device copy holds its key (docs/credential-format.md §4.2).
import { sm3 } from '@zhenglian/guomi';
import { encodeCbor } from './cbor.ts';
import type { PresentationRequest } from './request.ts';
import { signFor, verifyFor } from './signing.ts';
import type { Signer } from './signing.ts';
import { encodeWire, withoutProof } from './wire.ts';
import type { Wire } from './wire.ts';

/** How strong the proof of the holder is: a checked document, a proof of the last minute, an answer to this request. */
export const HOLDER_LEVELS = ['document', 'recent', 'challenged'] as const;
export type HolderLevel = (typeof HOLDER_LEVELS)[number];

/** What a request contributes to the signed bytes. */
export type Challenge = Pick<PresentationRequest, 'nonce' | 'audience' | 'act'>;

/** Adds the holder's proof to a wire that carries the holder key. `at`: unix seconds. */
export function provePossession(
  wire: Wire,
  holder: Signer,
  context: { readonly networkId: Uint8Array; readonly at: number; readonly request?: Challenge },
): Wire {
  if (wire.holder === undefined) throw new TypeError('a document has no holder key to prove');
  const payload = possessionPayload(wire, context.at, context.request);
  const { networkId } = context;
  const signature = signFor(holder, { purpose: 'presentation', networkId, payload });
  return { ...wire, holder: { key: wire.holder.key, proof: { signature, at: context.at } } };
}

/** The level a wire's proof reaches, or undefined when it has a key but no proof that verifies. */
export function checkPossession(
  wire: Wire,
  networkId: Uint8Array,
  request?: Challenge,
): HolderLevel | undefined {
  if (wire.holder === undefined) return 'document';
  const { key, proof } = wire.holder;
  if (proof === undefined) return undefined;
  const fits = (challenge?: Challenge) =>
    verifyFor({
      purpose: 'presentation',
      networkId,
      payload: possessionPayload(wire, proof.at, challenge),
      publicKey: key,
      signature: proof.signature,
    });
  if (request !== undefined && fits(request)) return 'challenged';
  return fits() ? 'recent' : undefined;
}

function possessionPayload(wire: Wire, at: number, request?: Challenge): Uint8Array {
  return encodeCbor([
    sm3.hash(encodeWire(withoutProof(wire))),
    at,
    request?.nonce ?? null,
    request?.audience ?? null,
    request?.act ?? null,
  ]);
}
