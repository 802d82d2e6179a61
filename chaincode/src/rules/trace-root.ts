// SPDX-License-Identifier: Apache-2.0
// May a trace root be anchored? Each follows its predecessor without a gap (docs/ledger.md §4).
import { equals } from '@zhenglian/core/bytes';
import type { AnchorTraceRequest } from '@zhenglian/core/records/province-request';
import { emptyChain } from '@zhenglian/core/records/status';
import { traceChain } from '@zhenglian/core/records/trace-root';
import type { TraceRoot } from '@zhenglian/core/records/trace-root';
import { demand } from '../refusal.ts';

/** A trace root as requested. @throws TRACE_ORDER */
export function decideTraceRoot(
  request: AnchorTraceRequest,
  before: TraceRoot | undefined,
): Omit<TraceRoot, 'rev' | 'at'> {
  demand(request.n === 0 || before !== undefined, 'TRACE_ORDER', 'the root before is not there');
  const first = before === undefined ? 0 : before.first + before.count;
  demand(request.first === first, 'TRACE_ORDER', `the next entry is ${String(first)}`);
  demand(
    equals(request.previous, before?.chain ?? emptyChain()),
    'TRACE_ORDER',
    'it does not follow the chain of the root before',
  );
  return { ...request, chain: traceChain(request) };
}
