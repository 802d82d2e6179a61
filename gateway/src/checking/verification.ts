// SPDX-License-Identifier: Apache-2.0
// Verification at a counter, from the local replica alone; every check is traced before it is answered.
import { assessAll, placeOf } from '@zhenglian/core/assess';
import type { ReadPresentation } from '@zhenglian/core/assess';
import type { PresentationRequest } from '@zhenglian/core/request';
import type { Report } from '@zhenglian/core/report';
import type { GatewayContext } from '../context.ts';
import { copyReference } from '../trace/trace-entry.ts';
import type { TracePurpose } from '../purposes.ts';
import type { TraceDetail } from '../trace/trace-entry.ts';
import type { TraceAct } from '../trace/trace.ts';
import { factsAbout } from './replica-facts.ts';
import type { ReplayMemory } from './replay-memory.ts';

/** What is checked, and for what. */
export interface CheckOrder {
  readonly presentations: readonly ReadPresentation[];
  readonly act: string;
  readonly request?: PresentationRequest;
}

/** Checks presentations; the reports are in their order. */
export async function checkPresentations(
  context: Pick<GatewayContext, 'replica' | 'networkId' | 'clock'>,
  memory: ReplayMemory,
  { presentations, act, request }: CheckOrder,
): Promise<readonly Report[]> {
  const replayed = await memory.note(presentations);
  const { networkId, replica } = context;
  const questions = presentations.map(async (wire, i) => {
    const now = context.clock();
    const facts = await factsAbout(replica, wire, now);
    const policy = {
      networkId,
      act,
      replayed: replayed[i] === true,
      ...(request === undefined ? {} : { request }),
    };
    return { wire, facts, policy, now };
  });
  return assessAll(await Promise.all(questions));
}

/** What the trace says of a check: who, of which copy, what came of it, and nothing that was shown. */
export function traceOfCheck(
  presentation: ReadPresentation,
  report: Report,
  by: { readonly actor: string; readonly purpose: TracePurpose; readonly act: string },
): TraceAct {
  const place = placeOf(presentation);
  return {
    kind: 'verification',
    actor: by.actor,
    subject: place === undefined ? null : copyReference(place),
    outcome: report.verdict,
    purpose: by.purpose,
    detail: checkDetail(report, by.act),
  };
}

/** The facts of a report that a trace may hold. */
export function checkDetail(report: Report, act: string): TraceDetail {
  const open = report.checks.find((check) => check.outcome !== 'pass');
  return {
    act,
    ...(report.licence === undefined ? {} : { type: report.licence.type }),
    ...(report.holder === null ? {} : { holder: report.holder }),
    ...(open === undefined ? {} : { reason: open.reason }),
  };
}
