// SPDX-License-Identifier: Apache-2.0
// Calls of a gateway's app in tests, each answer checked against the API's own schemas.
import { expect } from 'chai';
import request from 'supertest';
import type { Role } from '../../gateway/src/accounts/principal.ts';
import type { Gateway } from '../../gateway/src/gateway.ts';
import { codesOf } from '../../gateway/src/operation-codes.ts';
import { OPERATIONS } from '../../gateway/src/schemas/operations.ts';
import { problem } from '../../gateway/src/schemas/values.ts';

export type CallMethod = 'get' | 'post' | 'patch' | 'delete';

export interface CallOptions {
  readonly as?: Role | 'nobody';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is. */
  readonly raw?: { readonly type: string; readonly bytes: Uint8Array | string };
}

export interface Answered {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

/** The tokens of every test gateway. */
export const TOKENS: Readonly<Record<Role, string>> = {
  officer: 'zlt_officer-of-the-tests',
  approver: 'zlt_approver-of-the-tests',
  clerk: 'zlt_clerk-of-the-tests',
  regulator: 'zlt_regulator-of-the-tests',
  administrator: 'zlt_administrator-of-the-tests',
  machine: 'zlt_machine-of-the-tests',
};

export const AUDIT: CallOptions = { headers: { 'Purpose-Code': 'audit' } };
/** As a clerk at a counter. */
export const COUNTER: CallOptions = {
  as: 'clerk',
  headers: { 'Purpose-Code': 'counter-service' },
};

/** Calls a gateway's app; what it answers fits the API's schemas. */
export async function callApp(
  gateway: Gateway,
  method: CallMethod,
  path: string,
  options: CallOptions = {},
): Promise<Answered> {
  const { as = 'officer', body, headers = {}, raw } = options;
  const call = request(gateway.app)[method](path);
  if (as !== 'nobody') call.set('Authorization', `Bearer ${TOKENS[as]}`);
  for (const [name, value] of Object.entries(headers)) call.set(name, value);
  if (raw !== undefined) {
    call.set('Content-Type', raw.type);
    call.send(typeof raw.bytes === 'string' ? raw.bytes : Buffer.from(raw.bytes));
  } else if (body !== undefined) call.send(body as object);
  const answer = await call;
  const content: unknown = answer.text === '' ? undefined : JSON.parse(answer.text);
  checkAnswer(method, path, answer.status, content);
  return { status: answer.status, body: content };
}

/** Every answer of a test fits the schema that the OpenAPI document has for it. */
export function checkAnswer(method: string, path: string, status: number, body: unknown): void {
  const bare = path.split('?')[0] ?? '';
  const operation = OPERATIONS.find(
    (o) => o.method === method && new RegExp(`^${o.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(bare),
  );
  const schema = operation?.answers[status] ?? (status >= 400 ? problem : undefined);
  expect(schema, `${method} ${bare} answers ${String(status)}, which no schema has`).to.not.equal(
    undefined,
  );
  if (operation !== undefined && schema === problem) {
    const code = String(Object(body).code);
    expect(codesOf(operation), `${method} ${bare} answers ${code} undescribed`).to.include(code);
  }
  const parsed = schema?.safeParse(body);
  expect(parsed?.success, `${method} ${bare} ${String(status)}: ${String(parsed?.error)}`).to.equal(
    true,
  );
}
