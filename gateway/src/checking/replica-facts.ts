// SPDX-License-Identifier: Apache-2.0
// What the replica can say about one presentation: the facts that `assess` takes, without asking the ledger.
import { placeOf } from '@zhenglian/core/assess';
import type { Facts, ReadPresentation } from '@zhenglian/core/assess';
import { equals } from '@zhenglian/core/bytes';
import { isCodedError } from '@zhenglian/core/errors';
import type { TrustBundle } from '@zhenglian/core/records/trust-bundle';
import type { AuthorityKey } from '@zhenglian/core/records/key';
import type { HeldBundle, Replica } from '../replica/replica.ts';

/** A replica level with the ledger within so many seconds speaks for now. */
const CURRENT_WITHIN = 30;

/** Facts about a presentation; what the replica does not have is left out. */
export async function factsAbout(
  replica: Replica,
  presentation: ReadPresentation,
  now: number,
): Promise<Facts> {
  const held = bundleOf(replica);
  if (held === undefined) return {};
  const speaks = (at: number) => ({ at, msps: [], current: now - at <= CURRENT_WITHIN });
  const trust = { bundle: held.bundle, ...speaks(held.at) };
  const place = placeOf(presentation);
  const key = place && keyOf(held.bundle, place.kid);
  if (place === undefined || key === undefined) return { trust };
  const epoch = await replica.epochEvidence(key.uscc, place.epoch);
  if (epoch === undefined) return { trust };
  const inclusion = await replica.inclusion(key.uscc, place.epoch, place.index);
  return {
    trust,
    epoch: { evidence: epoch.evidence, ...speaks(epoch.at) },
    ...(inclusion === undefined ? {} : { inclusion }),
  };
}

/** The key of a kid, where the bundle names it. */
export function keyOf(bundle: TrustBundle, kid: Uint8Array): AuthorityKey | undefined {
  return bundle.keys.find((key) => equals(key.kid, kid));
}

/** The bundle, or undefined when none was ever had. */
function bundleOf(replica: Replica): HeldBundle | undefined {
  try {
    return replica.trustBundle();
  } catch (error) {
    if (isCodedError(error, 'LEDGER_UNAVAILABLE')) return undefined;
    throw error;
  }
}
