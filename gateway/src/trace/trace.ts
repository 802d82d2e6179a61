// SPDX-License-Identifier: Apache-2.0
// The gateway's trace: who did what to and with a licence, append-only, its roots anchored (docs/ledger.md §4).
import type { TraceDetail, TraceKind, TraceOutcome } from './trace-entry.ts';

/** What is to be recorded; `subject` is a licence id, or a copy as `copyReference` writes it. */
export interface TraceAct {
  readonly kind: TraceKind;
  /** Who: the label of the token, `holder`, or `gateway`. */
  readonly actor: string;
  readonly subject: string | null;
  readonly outcome: TraceOutcome;
  readonly purpose?: string;
  readonly detail?: TraceDetail;
}

/** A live trace. */
export interface Trace {
  /** Records acts, in order; they are durable when it returns. */
  append(...acts: readonly TraceAct[]): Promise<void>;
  /** Why the trace must not be relied on (`/readyz`); empty when all is well. */
  troubles(): readonly string[];
  close(): Promise<void>;
}
