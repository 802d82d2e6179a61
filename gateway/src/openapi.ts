// SPDX-License-Identifier: Apache-2.0
// The OpenAPI 3.1 document, generated from the operations that also check requests; the only place that knows the
// generator.
import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { answerFields, requestFields } from './answer-fields.ts';
import { codesOf } from './operation-codes.ts';
import { FORM } from './middleware/body.ts';
import { statusOfCode } from './problem-codes.ts';
import { problem } from './schemas/values.ts';
import { OPERATIONS } from './schemas/operations.ts';

type Listed = (typeof OPERATIONS)[number];

/** The document; the same bytes for the same program. */
export function describeApi(operations: readonly Listed[] = OPERATIONS): Record<string, unknown> {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  const cookie = { type: 'apiKey', in: 'cookie', name: '__Host-zl' } as const;
  registry.registerComponent('securitySchemes', 'session', cookie);
  for (const operation of operations) registry.registerPath(pathOf(operation));
  const document = new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Zhenglian gateway 证链网关',
      version: '1',
      description: 'One gateway a province. docs/api.md tells the rest.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
  });
  return { ...document };
}

function pathOf(operation: Listed): RouteConfig {
  const isOpen = operation.access === 'open';
  return {
    method: operation.method,
    path: operation.path.replaceAll(/:(\w+)/g, '{$1}'),
    summary: operation.summary,
    ...(operation.deprecated === undefined ? {} : { deprecated: true }),
    ...(isOpen
      ? {}
      : { security: [{ token: [] }, { session: [] }], description: accessOf(operation) }),
    request: requestOf(operation),
    responses: { ...answersOf(operation), ...problemsOf(operation) },
  };
}

function accessOf({ access }: Listed): string {
  return `Role: ${access === 'open' ? '' : access.join(' or ')}.`;
}

function requestOf(operation: Listed): NonNullable<RouteConfig['request']> {
  const { params, query, body, form, streams } = operation;
  const content =
    body === undefined
      ? (streams ?? []).map((media) => [media, { schema: z.string() }] as const)
      : [[form === true ? FORM : 'application/json', { schema: body }] as const];
  return {
    ...(params instanceof z.ZodObject ? { params } : {}),
    ...(query instanceof z.ZodObject ? { query } : {}),
    headers: requestFields(operation),
    ...(content.length === 0
      ? {}
      : { body: { required: true, content: Object.fromEntries(content) } }),
  };
}

function answersOf(operation: Listed): RouteConfig['responses'] {
  const { answers, media = 'application/json' } = operation;
  const unchanged = { description: 'Not modified', headers: answerFields(operation, 304) };
  const described = Object.entries(answers).map(
    ([status, schema]) =>
      [
        status,
        {
          description: statusWord(Number(status)),
          headers: answerFields(operation, Number(status)),
          ...(schema instanceof z.ZodUndefined ? {} : { content: { [media]: { schema } } }),
        },
      ] as const,
  );
  return {
    ...Object.fromEntries(described),
    ...((operation.cached ?? operation.tagged) === true ? { '304': unchanged } : {}),
  };
}

function problemsOf(operation: Listed): RouteConfig['responses'] {
  const byStatus = new Map<number, string[]>();
  for (const code of codesOf(operation)) {
    const status = statusOfCode(code) ?? 500;
    if (status in operation.answers) continue;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.join(', '),
        headers: answerFields(operation, status),
        content: { 'application/problem+json': { schema: problem } },
      },
    ]),
  );
}

function statusWord(status: number): string {
  const words: Readonly<Record<number, string>> = {
    201: 'Created',
    202: 'Accepted',
    204: 'Done',
    503: 'Not ready',
  };
  return words[status] ?? 'OK';
}
