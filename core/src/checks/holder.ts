// SPDX-License-Identifier: Apache-2.0
// Who shows it: a document, or a device copy with a proof of the last minute or for this very request.
import { HOLDER_LEVELS, checkPossession } from '../possession.ts';
import type { HolderLevel } from '../possession.ts';
import type { CheckResult } from '../report.ts';
import { found } from './check.ts';
import type { Subject } from './check.ts';

/** Seconds a proof without a request counts. */
export const RECENT_SECONDS = 60;

const REASONS = {
  document: 'HOLDER_DOCUMENT',
  recent: 'HOLDER_RECENT',
  challenged: 'HOLDER_CHALLENGED',
} as const;

/** Level of possession that was proven, and the check's result against the act's policy. */
export function checkHolder(subject: Subject): {
  readonly level: HolderLevel | null;
  readonly result: CheckResult;
} {
  const { wire, policy, now } = subject;
  const level = checkPossession(wire, policy.networkId, policy.request);
  if (level === undefined) {
    const missing = wire.holder?.proof === undefined;
    const reason = missing ? 'HOLDER_PROOF_MISSING' : 'HOLDER_PROOF_INVALID';
    return { level: null, result: found('holder', 'fail', reason) };
  }
  const at = wire.holder?.proof?.at ?? now;
  const late = lateness(level, at, subject);
  if (late !== undefined) return { level, result: found('holder', 'unknown', late) };
  return { level, result: againstPolicy(level, subject) };
}

function lateness(level: HolderLevel, at: number, { policy, now }: Subject) {
  if (level === 'document') return undefined;
  if (policy.replayed === true) return 'PRESENTATION_REPLAYED';
  if (level === 'recent') {
    return Math.abs(now - at) > RECENT_SECONDS ? 'HOLDER_PROOF_OLD' : undefined;
  }
  if (policy.request?.act !== policy.act) return 'REQUEST_OTHER_ACT';
  const { expiresAt } = policy.request;
  return expiresAt !== undefined && now > expiresAt ? 'REQUEST_EXPIRED' : undefined;
}

function againstPolicy(level: HolderLevel, { actPolicy }: Subject): CheckResult {
  if (actPolicy === undefined) return found('holder', 'unknown', 'POLICY_UNKNOWN');
  const enough = HOLDER_LEVELS.indexOf(level) >= HOLDER_LEVELS.indexOf(actPolicy.leastHolder);
  return enough
    ? found('holder', 'pass', REASONS[level])
    : found('holder', 'unknown', 'HOLDER_LEVEL');
}
