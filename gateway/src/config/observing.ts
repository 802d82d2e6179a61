// SPDX-License-Identifier: Apache-2.0
// Settings of what an operator watches (docs/operations.md §19).
import type { Environment } from './reading.ts';

/** Where metrics are served and where spans go. */
export interface ObservingConfig {
  /** A listener of its own for metrics and health; never on every address of the machine. */
  readonly admin: { readonly host: string; readonly port: number } | undefined;
  /** Where spans are sent (OTLP over HTTP); without it nothing of OpenTelemetry is loaded. */
  readonly tracesUrl: string | undefined;
}

/** What the settings mean. */
export const OBSERVING_SETTINGS = {
  ADMIN_PORT: 'port of GET /metrics, /healthz and /readyz for operators, 0 for a free one (none)',
  ADMIN_HOST: 'address of that port: one of this machine, never all of them (127.0.0.1)',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'where OpenTelemetry spans go: http(s) URL of a collector (none)',
} as const;

const EVERYWHERE = ['', '0.0.0.0', '::', '[::]', '*'];

/** Reads them; what is wrong is noted and left out. */
export function parseObserving(env: Environment, problems: string[]): ObservingConfig {
  const read = <T>(
    name: keyof typeof OBSERVING_SETTINGS,
    parse: (text: string) => T | undefined,
  ) => {
    const text = env[name];
    const value = text === undefined ? undefined : parse(text);
    if (text !== undefined && value === undefined) {
      problems.push(`${name} is wrong: ${OBSERVING_SETTINGS[name]}`);
    }
    return value;
  };
  const host = read('ADMIN_HOST', (text) => (EVERYWHERE.includes(text) ? undefined : text));
  const port = read('ADMIN_PORT', (text) => whole(text, 65_535));
  return {
    admin: port === undefined ? undefined : { host: host ?? '127.0.0.1', port },
    tracesUrl: read('OTEL_EXPORTER_OTLP_ENDPOINT', (text) => (isHttp(text) ? text : undefined)),
  };
}

function whole(text: string, most: number): number | undefined {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return value <= most ? value : undefined;
}

function isHttp(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
