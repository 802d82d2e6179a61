// SPDX-License-Identifier: Apache-2.0
// The log; the only place that knows pino. A line is an event and facts of a closed list, so that no field of a
// licence can get into it: no messages of errors, no URLs, no bodies.
import { pino } from 'pino';

/** What a line may say beside its event. */
export interface LogFacts {
  readonly id?: string;
  readonly requestId?: string;
  readonly route?: string;
  readonly method?: string;
  readonly status?: number;
  readonly code?: string;
  readonly milliseconds?: number;
  readonly count?: number;
  readonly epoch?: number;
  readonly n?: number;
  readonly first?: number;
  readonly index?: number;
  readonly blockNumber?: number;
  readonly transactionId?: string;
  readonly authority?: string;
  readonly type?: string;
  readonly kid?: string;
  readonly msp?: string;
  readonly instance?: string;
  readonly port?: number;
  readonly adminPort?: number;
  readonly table?: string;
  readonly function?: string;
  /** Names of parts of this program. */
  readonly parts?: readonly string[];
  readonly error?: unknown;
}

export interface Log {
  info(event: string, facts?: LogFacts): void;
  warn(event: string, facts?: LogFacts): void;
  error(event: string, facts?: LogFacts): void;
}

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where lines go; standard output unless given. */
export interface LogSink {
  write(line: string): void;
}

/** A log of a level. */
export function createLog(level: LogLevel, sink?: LogSink): Log {
  const logger =
    sink === undefined ? pino({ level, base: null }) : pino({ level, base: null }, sink);
  return {
    info: (event, facts = {}) => logger.info(lineOf(facts), event),
    warn: (event, facts = {}) => logger.warn(lineOf(facts), event),
    error: (event, facts = {}) => logger.error(lineOf(facts), event),
  };
}

function lineOf({ error, ...facts }: LogFacts): Record<string, unknown> {
  return error === undefined ? facts : { ...facts, error: describe(error) };
}

/** Name, code and place of an error, down to its first cause; never its message, which may quote input. */
function describe(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error;
  const at = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    name: error.name,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    at: at.slice(0, 6).map((line) => line.trim()),
    ...(error.cause !== undefined && depth < 3 ? { cause: describe(error.cause, depth + 1) } : {}),
  };
}
