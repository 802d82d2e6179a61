// SPDX-License-Identifier: Apache-2.0
// Time: the days of the copy, and the age of the evidence. The device's clock proves nothing by itself; evidence proves
// that its time has passed, and evidence for our own nonce proves that it is now.
import { dayAt } from '../days.ts';
import type { CheckResult } from '../report.ts';
import { TIME_WINDOW } from '../trust.ts';
import { found } from './check.ts';
import type { Check, Subject } from './check.ts';

/** The copy's days against evidence time; by the device's clock alone it is unknown. */
export const checkValidity: Check = (subject) => {
  const { wire, type } = subject;
  const longest = wire.holder === undefined ? type.documentDays : type.deviceDays;
  if (wire.lastDay - wire.firstDay > longest) return found('validity', 'fail', 'COPY_TOO_LONG');
  const lastDay = endOf(subject);
  if (lastDay < wire.firstDay) return found('validity', 'fail', 'EXPIRED');
  const proof = newestEvidence(subject);
  if (proof === undefined) return found('validity', 'unknown', 'NO_EVIDENCE');
  return provenOutside(subject, lastDay, proof) ?? byTheClock(subject, lastDay, proof);
};

/** Bundle and status are fresh enough for the act. */
export const checkFreshness: Check = (subject) => {
  const { actPolicy, facts, trust, now } = subject;
  if (trust === undefined || facts.epoch === undefined) {
    return found('freshness', 'unknown', 'NO_EVIDENCE');
  }
  if (actPolicy === undefined) return found('freshness', 'unknown', 'POLICY_UNKNOWN');
  const bundleAge = evidenceAge(trust.at, now);
  const statusAge = evidenceAge(facts.epoch.at, now);
  if (Math.min(bundleAge, statusAge) < 0) return found('freshness', 'unknown', 'CLOCK_BEHIND');
  if (bundleAge > actPolicy.maxBundleAge + TIME_WINDOW) {
    return found('freshness', 'unknown', 'BUNDLE_STALE', bundleAge);
  }
  return statusAge > actPolicy.maxStatusAge + TIME_WINDOW
    ? found('freshness', 'unknown', 'STATUS_STALE', statusAge)
    : found('freshness', 'pass', 'OK', statusAge);
};

/** Greatest age in seconds that evidence of this time can have now; below 0 the device's clock is behind. */
export function evidenceAge(at: number, now: number): number {
  return now - at + TIME_WINDOW;
}

/** What the evidence's own time proves. */
function provenOutside(
  { wire }: Subject,
  lastDay: number,
  { at, current }: ProvenTime,
): CheckResult | undefined {
  if (dayAt(at - TIME_WINDOW) > lastDay) return found('validity', 'fail', 'EXPIRED');
  return current && dayAt(at + TIME_WINDOW) < wire.firstDay
    ? found('validity', 'fail', 'NOT_YET_VALID')
    : undefined;
}

/** Within what is proven; what only the device's clock says is unknown. */
function byTheClock({ wire, now }: Subject, lastDay: number, proof: ProvenTime): CheckResult {
  const days = [dayAt(proof.at), ...(proof.current ? [] : [dayAt(now)])];
  if (days.some((day) => day > lastDay)) return found('validity', 'unknown', 'EXPIRED_BY_CLOCK');
  return dayAt(proof.current ? proof.at : now) < wire.firstDay
    ? found('validity', 'unknown', 'NOT_YET_BY_CLOCK')
    : found('validity', 'pass', 'OK');
}

/** The copy's last day, or the legal end where that is shown and earlier: no copy outlives its licence. */
function endOf({ wire, type, opened }: Subject): number {
  const shown = opened.fields.find(({ slot }) => slot.name === type.validity.to)?.value;
  return typeof shown === 'number' ? Math.min(wire.lastDay, shown) : wire.lastDay;
}

/** The newest time that evidence proves, and whether it was asked for now. */
interface ProvenTime {
  readonly at: number;
  readonly current: boolean;
}

function newestEvidence({ facts, trust }: Subject): ProvenTime | undefined {
  const times = [trust, facts.epoch].filter((fact) => fact !== undefined);
  if (times.length === 0) return undefined;
  return {
    at: Math.max(...times.map((fact) => fact.at)),
    current: times.every((fact) => fact.current),
  };
}
