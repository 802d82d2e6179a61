// SPDX-License-Identifier: Apache-2.0
// 10,000 licences are anchored in one batch and revoked at one go: independent records, so no two transactions meet.
import { isCodedError } from '@zhenglian/core/errors';
import { MAX_STATUS_CHANGES } from '@zhenglian/core/records/province-request';
import type { Call, Ledger } from '@zhenglian/network/ledger';
import { readTransactions } from './chain.ts';
import { BATCHES, demand, withClient } from './drill.ts';
import type { Drill } from './drill.ts';
import {
  batchCall,
  drillLeaves,
  openEpoch,
  readCosignedEpoch,
  registerKey,
  revocationCall,
} from './issuer.ts';
import { isNothingDone, steady, submitOnce } from './steady.ts';

const LICENCES = 10_000;
const IN_FLIGHT = 2;
const CONFLICTS: readonly number[] = [11, 12];

/** What revoking met. */
export interface Tries {
  again: number;
  conflicts: number;
}

export const REVOCATIONS: Drill = {
  what: '10,000 revocations at one go, as many a transaction as it may hold, several in flight: no conflict',
  hasDesk: true,
  run: async (stage) => {
    const { issuing, layout, line, say } = stage;
    const parts = { ...issuing, ledger: steady(issuing.ledger) };
    const from = await parts.ledger.height();
    const key = await registerKey(parts);
    const epoch = await openEpoch(parts);
    const place = { epoch, n: 0, first: 0 };
    await submitOnce(
      issuing.ledger,
      batchCall(issuing, key, place, drillLeaves(epoch, 0, LICENCES)),
    );
    const calls = Array.from({ length: LICENCES / MAX_STATUS_CHANGES }, (_, i) => {
      const first = i * MAX_STATUS_CHANGES;
      const indexes = Array.from({ length: MAX_STATUS_CHANGES }, (__, j) => first + j);
      return revocationCall(issuing, key, place, indexes);
    });
    const started = Date.now();
    const tries: Tries = { again: 0, conflicts: 0 };
    const queue = [...calls];
    const worker = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        await revokeOnce(issuing.ledger, next, tries);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    const said = `${String(LICENCES)} revocations in ${String(calls.length)} transactions, ${String(IN_FLIGHT)} in flight, ${seconds} s`;
    const reader = layout.organisations.at(-1)?.msp ?? '';
    const seen = await withClient(stage, reader, (other) => readTransactions(other, from));
    const conflicts =
      tries.conflicts +
      seen.filter(({ name, code }) => name === 'SetStatuses' && CONFLICTS.includes(code)).length;
    say(`${said}, conflicts ${String(conflicts)}, made again ${String(tries.again)}`);
    demand(conflicts === 0, 'independent revocations met');
    const { facts } = await readCosignedEpoch(parts, epoch);
    const revoked = new Set(
      facts.evidence.statuses.filter(({ state }) => state === 'revoked').map(({ index }) => index),
    );
    demand(revoked.size === LICENCES, `${String(revoked.size)} are revoked by co-signed evidence`);
    await line.await(BATCHES);
  },
};

/** Submits revocations until they are in the chain; that they are there already counts only when the outcome of an earlier try of these was unknown. */
export async function revokeOnce(ledger: Ledger, call: Call, tries: Tries): Promise<void> {
  for (let isUnknown = false; ; tries.again += 1) {
    try {
      await ledger.submit(call);
      return;
    } catch (error) {
      const isConflict =
        isCodedError(error, 'MVCC_CONFLICT') || isCodedError(error, 'PHANTOM_CONFLICT');
      if (isConflict) tries.conflicts += 1;
      if (isUnknown && isCodedError(error, 'STATUS_TRANSITION')) return;
      isUnknown ||= isCodedError(error, 'COMMIT_UNKNOWN');
      if (!isNothingDone(error) && !isCodedError(error, 'COMMIT_UNKNOWN')) throw error;
    }
  }
}
