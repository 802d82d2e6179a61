// SPDX-License-Identifier: Apache-2.0
// Questions to `zl-<msp>` (docs/ledger.md §7). The asker names an epoch, never a licence.
import { parseBatch } from '@zhenglian/core/records/batch';
import { parseEpoch } from '@zhenglian/core/records/epoch';
import { epochEvidenceCbor } from '@zhenglian/core/records/epoch-evidence';
import type { EpochEvidence } from '@zhenglian/core/records/epoch-evidence';
import { provinceRequest } from '@zhenglian/core/records/province-request';
import { recordKey, recordPrefix } from '@zhenglian/core/records/record-key';
import { parseStatus } from '@zhenglian/core/records/status';
import { answer, readRequest } from './call.ts';
import type { Call } from './call.ts';
import { askScope } from './province-scope.ts';
import { loadAll, loadExisting } from './state.ts';

export { record } from './consortium-query.ts';

/** Batches and statuses of an epoch. */
export async function epochEvidence(call: Call): Promise<string> {
  const { state, at } = call;
  const { uscc, epoch, nonce } = readRequest(call, provinceRequest.EpochEvidence);
  const { networkId } = await askScope(call, { msp: call.caller.msp });
  const lease = await loadExisting(
    state,
    recordKey.epoch(uscc, epoch),
    parseEpoch,
    'EPOCH_UNKNOWN',
  );
  const batches = await loadAll(state, recordPrefix.batches(uscc, epoch), parseBatch);
  const statuses = await loadAll(state, recordPrefix.statuses(uscc, epoch), parseStatus);
  const last = batches.at(-1);
  const covered = last === undefined ? 0 : last.first + last.count;
  const version = [lease, ...batches, ...statuses].reduce((sum, { rev }) => sum + rev, 0);
  const evidence: EpochEvidence = {
    networkId,
    uscc,
    epoch,
    batches,
    statuses,
    covered,
    version,
    at,
    ...(nonce === undefined ? {} : { nonce }),
  };
  return answer(epochEvidenceCbor(evidence));
}
