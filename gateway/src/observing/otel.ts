// SPDX-License-Identifier: Apache-2.0
// Spans to an OpenTelemetry collector (OTLP over HTTP, JSON); the only place that knows its packages, and loaded only
// where a collector is configured.
import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Context, Span } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { isCodedError } from '@zhenglian/core/errors';
import type { RemoteParent } from '../middleware/request-id.ts';
import type { OpenSpan, SpanFacts, SpanName, Tracing } from './tracing.ts';

const SEND_EVERY_MS = 1000;
const SEND_WITHIN_MS = 2000;

/** Opens the way to a collector; spans that it does not take are lost, and nothing waits for it. */
export function openOtel(
  url: string,
  service: { readonly msp: string; readonly instance: string },
): Tracing {
  const exporter = new OTLPTraceExporter({
    url: `${url.replace(/\/$/, '')}/v1/traces`,
    timeoutMillis: SEND_WITHIN_MS,
  });
  const processor = new BatchSpanProcessor({
    exporter,
    scheduledDelayMillis: SEND_EVERY_MS,
    exportTimeoutMillis: SEND_WITHIN_MS,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'zhenglian-gateway',
      'service.namespace': service.msp,
      'service.instance.id': service.instance,
    }),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('zhenglian');
  const current = new AsyncLocalStorage<Context>();
  const start = (name: SpanName, facts: SpanFacts, kind: SpanKind, parent?: RemoteParent) => {
    const above = parent === undefined ? (current.getStore() ?? ROOT_CONTEXT) : contextOf(parent);
    const span = tracer.startSpan(name, { kind, attributes: attributesOf(facts) }, above);
    return { span, context: trace.setSpan(above, span) };
  };
  return {
    isOn: true,
    async span(name, facts, work) {
      const { span, context } = start(name, facts, SpanKind.INTERNAL);
      try {
        return await current.run(context, work);
      } catch (error) {
        fail(span, error);
        throw error;
      } finally {
        span.end();
      }
    },
    begin(name, facts, parent): OpenSpan {
      const { span, context } = start(name, facts, SpanKind.SERVER, parent);
      return {
        within: (work) => current.run(context, work),
        end({ isError = false, ...more } = {}) {
          span.setAttributes(attributesOf(more));
          if (isError) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    close: () => provider.shutdown().catch(() => undefined),
  };
}

function contextOf({ traceId, spanId, isSampled }: RemoteParent): Context {
  const traceFlags = isSampled ? 1 : 0;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

function attributesOf(facts: SpanFacts): Record<string, string | number> {
  const attributes: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(facts)) {
    if (typeof value === 'string' || typeof value === 'number') attributes[`zl.${name}`] = value;
  }
  return attributes;
}

/** The code only: a message may quote what somebody sent. */
function fail(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('zl.code', isCodedError<string>(error) ? error.code : 'INTERNAL');
}
