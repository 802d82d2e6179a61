// SPDX-License-Identifier: Apache-2.0
// Bodies that a JSON schema of the OpenAPI document does not allow: one that fits is made first, then spoilt at every
// place in every way. As text, since some of them no object can hold.
import fc from 'fast-check';

/** As much of JSON Schema as the document has. */
export interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly additionalProperties?: boolean | JsonSchema;
}

/** A spoilt body and how it was spoilt. */
export interface Mutant {
  readonly how: string;
  readonly text: string;
}

/** Everything that is wrong with a body of this schema, in turn. */
export function mutantsOf(schema: JsonSchema): readonly Mutant[] {
  const good = exampleOf(schema);
  const whole = JSON.stringify(good);
  return [
    ...WHOLE.map(([how, text]) => ({ how, text })),
    { how: 'cut', text: whole.slice(0, -1) },
    { how: 'two', text: `${whole}${whole}` },
    ...spoil(schema, good, (text) => text, '$'),
  ];
}

/** A value that fits. */
export function exampleOf(schema: JsonSchema): unknown {
  const first = (schema.anyOf ?? schema.oneOf)?.[0];
  if (first !== undefined) return exampleOf(first);
  return schema.const ?? schema.enum?.[0] ?? exampleOfType(schema);
}

function exampleOfType(schema: JsonSchema): unknown {
  const { properties = {}, items } = schema;
  if (schema.type === 'object') {
    const wanted = Object.entries(properties).filter(([name]) => schema.required?.includes(name));
    return Object.fromEntries(wanted.map(([name, each]) => [name, exampleOf(each)]));
  }
  if (schema.type === 'array') {
    return Array.from({ length: schema.minItems ?? 0 }, () => exampleOf(items ?? {}));
  }
  if (schema.type === 'integer' || schema.type === 'number')
    return Math.max(0, schema.minimum ?? 0);
  if (schema.type === 'boolean') return true;
  return textOf(schema);
}

function textOf({ pattern, minLength = 1, maxLength = 1 << 16 }: JsonSchema): string {
  if (pattern === undefined) return 'a'.repeat(minLength);
  const fitting = fc
    .stringMatching(new RegExp(pattern))
    .filter((text) => text.length >= minLength && text.length <= maxLength);
  return fc.sample(fitting, { numRuns: 1, seed: 7 })[0] ?? '';
}

function* spoil(
  schema: JsonSchema,
  good: unknown,
  inside: (text: string) => string,
  path: string,
): Generator<Mutant> {
  for (const [how, text] of wrongFor(schema)) yield { how: `${path}: ${how}`, text: inside(text) };
  const { anyOf, oneOf, properties, items } = schema;
  const first = (anyOf ?? oneOf)?.[0];
  if (first !== undefined) yield* spoil(first, good, inside, path);
  if (properties !== undefined && isRecord(good)) yield* spoilObject(schema, good, inside, path);
  if (items !== undefined) {
    yield* spoil(items, exampleOf(items), (text) => inside(`[${text}]`), `${path}[]`);
    const many = (schema.maxItems ?? 10_000) + 1;
    const one = JSON.stringify(exampleOf(items));
    yield { how: `${path}: too many`, text: inside(`[${Array(many).fill(one).join()}]`) };
  }
}

function* spoilObject(
  { properties = {}, required = [] }: JsonSchema,
  good: Readonly<Record<string, unknown>>,
  inside: (text: string) => string,
  path: string,
): Generator<Mutant> {
  const others = (name: string) => Object.entries(good).filter(([each]) => each !== name);
  for (const [name, each] of Object.entries(properties)) {
    const rest = others(name).map(([key, value]) => member(key, JSON.stringify(value)));
    if (required.includes(name)) {
      yield { how: `${path}.${name}: missing`, text: inside(`{${rest.join()}}`) };
    }
    const put = (text: string) => inside(`{${[...rest, member(name, text)].join()}}`);
    yield* spoil(each, exampleOf(each), put, `${path}.${name}`);
  }
  const all = Object.entries(good).map(([key, value]) => member(key, JSON.stringify(value)));
  for (const [how, extra] of EXTRA) {
    yield { how: `${path}: ${how}`, text: inside(`{${[...all, extra].join()}}`) };
  }
}

function wrongFor({
  type,
  maxLength = 1 << 21,
}: JsonSchema): readonly (readonly [string, string])[] {
  const values: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
    string: [
      ['too long', JSON.stringify('a'.repeat(maxLength + 1))],
      ['NUL', '"a\\u0000b"'],
    ],
    integer: [
      ['huge', '1e308'],
      ['beyond numbers', '1e999'],
      ['negative', '-1'],
      ['a fraction', '0.5'],
      ['unsafe', '9007199254740993'],
    ],
  };
  const kinds = [
    ['string', '"x"'],
    ['integer', '7'],
    ['boolean', 'false'],
    ['array', '[]'],
    ['object', '{}'],
    ['null', 'null'],
  ] as const;
  const others = type === undefined ? [] : kinds.filter(([kind]) => kind !== type);
  const nested = [['deep', `${'['.repeat(5000)}${']'.repeat(5000)}`] as const];
  return [...others, ...(type === 'array' ? [] : nested), ...(values[type ?? ''] ?? [])];
}

function member(name: string, text: string): string {
  return `${JSON.stringify(name)}:${text}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const EXTRA = [
  ['an unknown member', '"unheardOf":1'],
  ['__proto__', '"__proto__":{"role":"officer","isAdmin":true}'],
  ['constructor', '"constructor":{"prototype":{"x":1}}'],
  ['a member of NUL', '"a\\u0000":1'],
] as const;

const WHOLE = [
  ['nothing', ''],
  ['no JSON', 'zhenglian'],
  ['null', 'null'],
  ['a number', '1'],
  ['a text', '"a"'],
  ['a list', '[]'],
  ['NaN', '{"a":NaN}'],
  ['a byte order mark', '\ufeff{}'],
  ['a bare NUL', '{"a":"\0"}'],
  ['half a surrogate', '{"\\ud800":"\\udc00\\ud800"}'],
  ['deep', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`],
] as const;
