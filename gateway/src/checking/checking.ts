// SPDX-License-Identifier: Apache-2.0
// What the checking routes share: a check with its request used up, its proofs remembered and itself traced.
import { readPresentation } from '@zhenglian/core/assess';
import type { Report } from '@zhenglian/core/report';
import type { GatewayContext } from '../context.ts';
import { openReplayMemory } from './replay-memory.ts';
import { spendRequest } from './presentation-requests.ts';
import type { TracePurpose } from '../purposes.ts';
import { checkPresentations, traceOfCheck } from './verification.ts';

/** A check as a clerk asks for it. */
export interface CheckDemand {
  readonly presentations: readonly string[];
  readonly act: string;
  /** Id of a request made here. */
  readonly request?: string | undefined;
  readonly actor: string;
  readonly purpose: TracePurpose;
}

/** Checks and traces. */
export interface Checking {
  /** @throws REQUEST_UNKNOWN, REQUEST_SPENT, REQUEST_INVALID */
  check(demand: CheckDemand): Promise<readonly Report[]>;
}

const UNREAD = { reason: 'QR_PREFIX' } as const;

/** The checks of a gateway; the memory of proofs is read at the first. */
export function createChecking(context: GatewayContext): Checking {
  let memory: ReturnType<typeof openReplayMemory> | undefined;
  return {
    async check({ presentations, act, request, actor, purpose }) {
      memory ??= openReplayMemory(context);
      const asked =
        request === undefined ? {} : { request: await spendRequest(context, request, act) };
      const read = presentations.map(readPresentation);
      const order = { presentations: read, act, ...asked };
      const reports = await checkPresentations(context, await memory, order);
      const by = { actor, purpose, act };
      const acts = reports.map((report, i) => traceOfCheck(read[i] ?? UNREAD, report, by));
      await context.trace.append(...acts);
      return reports;
    },
  };
}
