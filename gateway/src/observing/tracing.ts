// SPDX-License-Identifier: Apache-2.0
// Spans of what a request or a batch sets going. Without an exporter there are none and nothing of OpenTelemetry is
// loaded (`otel.ts` is imported on demand); facts are those a log line may say, so that nothing personal is in a span.
import type { LogFacts } from '../log.ts';
import type { RemoteParent } from '../middleware/request-id.ts';

export type SpanFacts = Omit<LogFacts, 'error'>;

/** What takes time worth seeing. */
export type SpanName = 'request' | 'store write' | 'sign' | 'ledger submit' | 'block apply';

/** A span that was begun. */
export interface OpenSpan {
  /** Runs work whose spans are children of this one. */
  within<T>(work: () => T): T;
  end(facts?: SpanFacts & { readonly isError?: boolean }): void;
}

/** Makes spans. */
export interface Tracing {
  /** Runs work in a span; one that fails says with which code. */
  span<T>(name: SpanName, facts: SpanFacts, work: () => Promise<T>): Promise<T>;
  /** A span that the caller ends: a request's. */
  begin(name: SpanName, facts: SpanFacts, parent?: RemoteParent): OpenSpan;
  /** Whether spans go anywhere. */
  readonly isOn: boolean;
  /** Sends what is left. */
  close(): Promise<void>;
}

/** No spans at all. */
export const NO_TRACING: Tracing = {
  isOn: false,
  span: (_name, _facts, work) => work(),
  begin: () => ({ within: (work) => work(), end: () => undefined }),
  close: () => Promise.resolve(),
};

/** Tracing to a collector; none, and nothing loaded, without its address. */
export async function openTracing(
  url: string | undefined,
  service: { readonly msp: string; readonly instance: string },
): Promise<Tracing> {
  if (url === undefined) return NO_TRACING;
  const { openOtel } = await import('./otel.ts');
  return openOtel(url, service);
}
