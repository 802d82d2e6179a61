// SPDX-License-Identifier: Apache-2.0
// What an organisation's peer signed that the others contradict: kept as it came, since nobody can deny a signature, and told in the trace.
// A peer that is behind for long differs too; the kept answer shows what it said, not why.
import { toHex } from '@zhenglian/core/bytes';
import { encodeAnswer, endorserMsp } from '@zhenglian/core/cosigned-answer';
import type { CosignedAnswer } from '@zhenglian/core/cosigned-answer';
import { sm3 } from '@zhenglian/guomi';
import type { Clock } from '../context.ts';
import type { Log } from '../log.ts';
import type { Table } from '../store/table.ts';
import type { Trace } from '../trace/trace.ts';

/** Where it is kept and told. */
export interface DissentParts {
  readonly store: Pick<Table, 'write'>;
  readonly trace: Pick<Trace, 'append'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** One entry an organisation in this time: one that lies all day must not fill the store. */
const QUIET_SECONDS = 600;

/** Keeps an answer with dissent under `dissent/<hash>`; what fails is logged, since the answer itself is good. */
export function createDissentKeeper(
  parts: DissentParts,
): (answer: CosignedAnswer) => Promise<void> {
  const toldAt = new Map<string, number>();
  return async (answer) => {
    const now = parts.clock();
    const msps = new Set((answer.dissent ?? []).map(({ endorser }) => endorserMsp(endorser)));
    const news = [...msps].filter((msp) => now - (toldAt.get(msp) ?? -Infinity) >= QUIET_SECONDS);
    if (news.length === 0) return;
    for (const msp of news) toldAt.set(msp, now);
    const value = encodeAnswer(answer);
    const request = toHex(sm3.hash(value));
    try {
      await parts.store.write([{ key: `dissent/${request}`, value }]);
      const told = {
        kind: 'dissent',
        purpose: 'supervision',
        actor: 'gateway',
        subject: null,
        outcome: 'differs',
      } as const;
      await parts.trace.append(...news.map((from) => ({ ...told, detail: { from, request } })));
      for (const msp of news) parts.log.warn('an organisation answers otherwise', { msp });
    } catch (error) {
      parts.log.warn('dissent could not be kept', { error });
    }
  };
}
