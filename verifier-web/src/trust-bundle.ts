// SPDX-License-Identifier: Apache-2.0
// The trust bundle for the desks: types to make forms of, names of authorities; believed under the pinned fingerprint only.
import { fromBase64, toHex } from '@zhenglian/core/bytes';
import { decodeAnswer } from '@zhenglian/core/cosigned-answer';
import type { TrustBundle } from '@zhenglian/core/records/trust-bundle';
import { foundingOf, readTrustBundle, typesOf } from '@zhenglian/core/trust';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { call } from './http.ts';
import * as json from './json.ts';

/** What the desks need of the bundle. */
export interface DeskTrust {
  readonly bundle: TrustBundle;
  /** The newest version of each type. */
  readonly types: readonly TypeDefinition[];
  readonly testIdentities: boolean;
}

const shape = json.record({ answer: json.text });

/** Asks for the bundle and checks who co-signed it. @throws ANSWER_*, GatewayProblem, PageError */
export async function loadTrust(networkId: Uint8Array): Promise<DeskTrust> {
  const nonce = crypto.getRandomValues(new Uint8Array(16));
  const { answer } = await call({ path: 'trust-bundle', query: { nonce: toHex(nonce) } }, shape);
  const { bundle } = readTrustBundle(decodeAnswer(fromBase64(answer)), { networkId, nonce });
  return {
    bundle,
    types: newestTypes(bundle),
    testIdentities: foundingOf(bundle).testIdentities,
  };
}

function newestTypes(bundle: TrustBundle): readonly TypeDefinition[] {
  const newest = new Map<string, TypeDefinition>();
  for (const type of typesOf(bundle)) {
    const known = newest.get(type.code);
    if (known === undefined || known.version < type.version) newest.set(type.code, type);
  }
  return [...newest.values()].sort((a, b) => a.number - b.number);
}
