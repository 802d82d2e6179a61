// SPDX-License-Identifier: Apache-2.0
// Tells the gateway's trace what this counter came to (docs/api.md §4): which copy, which act, which verdict; nothing of what
// the licence says. The verdict does not wait for it: a gateway that cannot be told changes nothing.
import type { locate } from '@zhenglian/core/assess';
import { toHex } from '@zhenglian/core/bytes';
import type { Report } from '@zhenglian/core/report';
import { call, newKey } from './http.ts';
import type { Purpose } from './http.ts';
import * as json from './json.ts';

/** Sends the outcome of a check; never throws. */
export async function noteVerdict(
  { kid, epoch, index }: NonNullable<ReturnType<typeof locate>>,
  report: Report,
  purpose: Purpose,
): Promise<void> {
  const open = report.checks.find(({ outcome }) => outcome !== 'pass');
  const body = {
    ...{ kid: toHex(kid), epoch, index },
    ...{ act: report.act, verdict: report.verdict },
    ...(report.holder === null ? {} : { holder: report.holder }),
    ...(open === undefined ? {} : { reason: open.reason }),
  };
  const note = { path: 'verdicts', role: 'clerk', purpose, key: newKey(), body } as const;
  await call(note, json.anything).catch(() => undefined);
}
