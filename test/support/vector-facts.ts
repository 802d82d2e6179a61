// SPDX-License-Identifier: Apache-2.0
// Facts under which the good vectors are VALID, for the twins that only a verifier can refuse.
import type { Facts } from '@zhenglian/core/assess';
import { encodeCbor, decodeCbor } from '@zhenglian/core/cbor';
import { asCbor } from '@zhenglian/core/shape';
import { keyId } from '@zhenglian/core/signing';
import { DRIVING } from '@zhenglian/core/types/driving';

const USCC = '11330000MADEMQ012B';

/** A bundle with the key and the driving type, and an epoch of one batch; believed without signatures. */
export function vectorFacts(networkId: Uint8Array, publicKey: Uint8Array, at: number): Facts {
  const kid = keyId(publicKey);
  const stamp = { rev: 1, at: 1 };
  const label = { zh: '一般', en: 'general' };
  const founding = {
    channel: 'zhenglian',
    k: 2,
    threshold: [2, 3],
    testIdentities: true,
    organisations: [],
  };
  return {
    trust: {
      at,
      msps: [],
      current: true,
      bundle: {
        networkId,
        definition: encodeCbor(founding),
        organisations: [],
        authorities: [
          {
            uscc: USCC,
            msp: 'P33',
            name: label,
            types: ['driving'],
            divisions: [],
            status: 'accredited',
            ...stamp,
          },
        ],
        keys: [
          {
            kid,
            uscc: USCC,
            msp: 'P33',
            publicKey,
            types: ['driving'],
            notBefore: 1,
            notAfter: 4_000_000_000,
            ...stamp,
          },
        ],
        types: [{ definition: decodeCbor(encodeCbor(asCbor(DRIVING))), ...stamp }],
        policies: [
          {
            act: 'general',
            label,
            maxBundleAge: 86_400,
            maxStatusAge: 86_400,
            leastHolder: 'document',
            leastAnchor: 'covered',
            ...stamp,
          },
        ],
        rules: [],
        version: 1,
        at,
      },
    },
    epoch: {
      at,
      msps: [],
      current: false,
      evidence: {
        networkId,
        uscc: USCC,
        epoch: 1,
        batches: [
          { n: 0, first: 0, count: 2000, root: new Uint8Array(32), type: 'driving', kid, at: 1 },
        ],
        statuses: [],
        covered: 2000,
        version: 1,
        at,
      },
    },
  };
}
