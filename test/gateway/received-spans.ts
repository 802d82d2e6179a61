// SPDX-License-Identifier: Apache-2.0
// What a collector of OpenTelemetry received, as JSON.

/** A span, as far as tests look at it. */
export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly { readonly key: string }[];
}

/** The spans of a request to the collector. */
export function spansOf(json: string): readonly ReceivedSpan[] {
  const { resourceSpans } = JSON.parse(json) as {
    resourceSpans: { scopeSpans: { spans: ReceivedSpan[] }[] }[];
  };
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}
