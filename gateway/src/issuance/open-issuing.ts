// SPDX-License-Identifier: Apache-2.0
// The issuing side of a gateway put together: lanes, archive, placing, admission, anchoring and the desks, each going on
// where it stood (docs/issuance.md).
import type { IssuingAuthority } from '../config.ts';
import type { Vault } from '../store/vault.ts';
import { createAdmission } from './admission.ts';
import type { Admission } from './admission.ts';
import type { BatchParts } from './anchor-batch.ts';
import { startAnchoring } from './anchoring.ts';
import type { Anchoring } from './anchoring.ts';
import { createArchive } from './archive.ts';
import type { Archive } from './archive.ts';
import type { DraftParts } from './draft.ts';
import { openLanes } from './lanes.ts';
import { createLeaves } from './leaves.ts';
import type { Lanes } from './lanes.ts';
import { createDesk } from './open-desk.ts';
import type { OpenDesk } from './open-desk.ts';
import { createPlacing } from './placing.ts';
import type { Placing } from './placing.ts';
import { createStatusDesk } from './status-desk.ts';
import type { StatusDeskParts } from './status-desk.ts';

/** What issuing needs of the gateway. */
export interface IssuingParts
  extends
    Omit<BatchParts, 'archive' | 'lanes' | 'leaves' | 'shelf' | 'replica'>,
    Omit<StatusDeskParts, 'archive' | 'leaves' | 'anchoring' | 'replica'>,
    Omit<DraftParts, 'vault'> {
  readonly vault: Vault;
  readonly replica: BatchParts['replica'] & StatusDeskParts['replica'];
  readonly instance: string;
  readonly authorities: readonly IssuingAuthority[];
  /** Called when a batch was released. */
  readonly onReleased: () => void;
}

/** Everything that issues. */
export interface Issuing {
  readonly archive: Archive;
  readonly lanes: Lanes;
  readonly placing: Placing;
  readonly admission: Admission;
  readonly anchoring: Anchoring;
  readonly desk: OpenDesk;
}

/** Opens issuing where it stood; anchoring begins with what waits. */
export async function openIssuing(parts: IssuingParts): Promise<Issuing> {
  const lanes = await openLanes(parts);
  const archive = createArchive({ ...parts, lanes });
  const leaves = createLeaves(parts.store, parts.random);
  const placing = createPlacing({ ...parts, lanes, leaves, notify: () => anchoring.notify() });
  const admission = createAdmission({ ...parts, archive, placing });
  const anchoring = startAnchoring({ ...parts, archive, lanes, leaves });
  const statusDesk = createStatusDesk({ ...parts, archive, leaves, anchoring });
  const desk = createDesk({ ...parts, archive, placing, admission, anchoring, statusDesk });
  return { archive, lanes, placing, admission, anchoring, desk };
}
