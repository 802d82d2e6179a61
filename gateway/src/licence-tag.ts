// SPDX-License-Identifier: Apache-2.0
// The version of a licence that a write may depend on: reissued, revoked, suspended, or with other copies, it is another.
import type { Request } from 'express';
import type { GatewayContext } from './context.ts';
import type { CopyRecord } from './issuance/copy-record.ts';
import type { LicenceRecord } from './issuance/licence-record.ts';
import { copyState, licenceState } from './issuance/licence-view.ts';
import { entityTag, requireMatch } from './middleware/entity-tag.ts';

/** Entity tag of a licence; it tells nothing of its fields. */
export function licenceTag(licence: LicenceRecord, copies: readonly CopyRecord[]): string {
  const { id, version, supersededBy } = licence;
  const states = copies.map((copy) => [copy.id, copyState(licence, copy)]);
  return entityTag([id, version, supersededBy, licenceState(licence, copies), states.sort()]);
}

/**
 * Writes on a licence one after the other, each only on the version that its If-Match names.
 * @throws VERSION_CHANGED, LICENCE_UNKNOWN
 */
export function onVersion<T>(
  { desk, locks }: Pick<GatewayContext, 'desk' | 'locks'>,
  request: Request,
  id: string,
  write: () => Promise<T>,
): Promise<T> {
  return locks.hold(`version/${id}`, async () => {
    if (request.headers['if-match'] !== undefined) {
      requireMatch(request, licenceTag(await desk.licence(id), await desk.copies(id)));
    }
    return write();
  });
}
