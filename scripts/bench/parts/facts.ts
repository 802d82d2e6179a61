// SPDX-License-Identifier: Apache-2.0
// What a counter already believes when a code is scanned: the bundle with the issuer's key, the epoch with its batches
// and statuses. Only the code is new.
import { anchorArgument, anchorRoot, proveInclusion, voidArgument } from '@zhenglian/core/anchor';
import type { InclusionProof } from '@zhenglian/core/anchor';
import type { Facts } from '@zhenglian/core/assess';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { copyCose } from '@zhenglian/core/copy';
import type { Copy } from '@zhenglian/core/copy';
import { asCbor } from '@zhenglian/core/shape';
import { compressKey, keyId } from '@zhenglian/core/signing';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { NETWORK_ID, SAMPLE_NOON } from './licences.ts';

const USCC = '11330000MADEMQ012B';
const MSP = 'P33';
const BATCH = 1000;
const STAMP = { rev: 1, at: 1 };
const LABEL = { zh: '基准', en: 'benchmark' };

/** Facts under which copies 0, 1, 2 … of epoch 1 are anchored in a batch of 1,000, and a proof for each. */
export function createFacts(
  type: TypeDefinition,
  publicKey: Uint8Array,
  copies: readonly Copy[],
): { readonly facts: Facts; readonly inclusions: readonly InclusionProof[] } {
  const kid = keyId(publicKey);
  const batch = Array.from({ length: BATCH }, (_, i) => {
    const copy = copies[i];
    return copy ? anchorArgument(copyCose(copy, type)) : voidArgument();
  });
  const seen = { at: SAMPLE_NOON, msps: [MSP, 'P44'], current: true };
  const key = { kid, uscc: USCC, msp: MSP, publicKey: compressKey(publicKey), types: [type.code] };
  const age = { maxBundleAge: 86_400, maxStatusAge: 86_400 };
  const row = { n: 0, first: 0, count: BATCH, root: anchorRoot(batch), type: type.code, kid };
  const facts: Facts = {
    trust: {
      ...seen,
      bundle: {
        networkId: NETWORK_ID,
        definition: new Uint8Array(0),
        organisations: [],
        authorities: [
          {
            uscc: USCC,
            msp: MSP,
            name: LABEL,
            types: [type.code],
            divisions: ['33'],
            status: 'accredited',
            ...STAMP,
          },
        ],
        keys: [{ ...key, notBefore: 1, notAfter: 4_000_000_000, ...STAMP }],
        types: [{ definition: decodeCbor(encodeCbor(asCbor(type))), ...STAMP }],
        policies: [
          {
            act: 'general',
            label: LABEL,
            ...age,
            leastHolder: 'document',
            leastAnchor: 'proven',
            ...STAMP,
          },
        ],
        rules: [],
        version: 1,
        at: SAMPLE_NOON,
      },
    },
    epoch: {
      ...seen,
      evidence: {
        networkId: NETWORK_ID,
        uscc: USCC,
        epoch: 1,
        batches: [{ ...row, at: SAMPLE_NOON - 60 }],
        statuses: Array.from({ length: 5 }, (_, i) => ({
          index: BATCH - 1 - i,
          state: 'revoked' as const,
          class: 'administrative' as const,
          time: SAMPLE_NOON - 30,
          seq: 1,
        })),
        covered: BATCH,
        version: 1,
        at: SAMPLE_NOON,
      },
    },
  };
  return { facts, inclusions: copies.map((_, i) => proveInclusion(batch, i)) };
}
