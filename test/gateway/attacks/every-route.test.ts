// SPDX-License-Identifier: Apache-2.0
// Every route × everybody × everything its schemas do not allow: refused with a code, without a trace of the inside, and
// nothing is written. The short form takes a few mutants of each kind; SOAK=1 takes all.
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { codesOf } from '../../../gateway/src/operation-codes.ts';
import { OPERATIONS } from '../../../gateway/src/schemas/operations.ts';
import { TOKENS } from '../call-app.ts';
import { issueDriving, openTestGateway, startProvinces } from '../support.ts';
import type { TestGateway, TestProvinces } from '../support.ts';
import { mutantsOf } from './mutations.ts';
import type { JsonSchema } from './mutations.ts';

const IS_WHOLE = process.env['SOAK'] === '1';
const NOBODY = '0'.repeat(32);
const INSIDE = /node_modules|\bat \S+ \(|\.ts:\d|Error:|ZodError|SyntaxError|undefined|\[object/;
const CALLERS = ['nobody', ...Object.keys(TOKENS)] as const;

/** Addresses that no schema of a path or query allows. */
const QUERIES = [
  ...[
    'limit=-1',
    'limit=1e9',
    'after=..%2f..',
    'after=%00',
    'set=%00',
    'set=__proto__',
    'unmask=yes',
  ],
  ...[
    '__proto__=1',
    'constructor[prototype]=1',
    'kid=zz',
    'kid=&epoch=&index=',
    'licence=%27%20OR%201=1--',
  ],
  ...[
    'copies=,,,',
    `copies=${'a'.repeat(3000)}`,
    'type=a&type=b',
    'type=%ff',
    'nonce=1',
    'epoch=1e400',
  ],
];
const JSON_MEDIA = 'application/json';
const FORM_MEDIA = 'application/x-www-form-urlencoded';
const FORMS = [
  ...['', 'zhenglian', 'grant_type=x', 'grant_type=a&grant_type=b', '%ff=%00', '__proto__=1'],
  ...['a[b][c]=1', `client_assertion=${'a'.repeat(100_000)}`, '&'.repeat(5000)],
];
const FILES = [
  ...['', '\0', 'zhenglian', 'a,b\n"never closed', ','.repeat(100_000), '{"a":1}\n{"a":'],
  ...['PK\u0003\u0004 no archive', '\ufeff\ufeff', '{"__proto__":{"a":1}}\n'],
];
const IDS = ['x', 'A'.repeat(32), '0'.repeat(31), '0'.repeat(4000), '__proto__', 'null', '-1'];

type Operation = (typeof OPERATIONS)[number];

/** A request that must be refused. */
interface Attempt {
  readonly address: string;
  readonly how: string;
  readonly text?: string;
  readonly media?: string;
}

describe('gateway, attacks: every route', function () {
  this.timeout(IS_WHOLE ? 3_600_000 : 600_000);
  let provinces: TestProvinces;
  let under: TestGateway;
  let base: string;
  let schemas: Readonly<Record<string, JsonSchema | undefined>>;

  before(async () => {
    provinces = await startProvinces();
    under = await openTestGateway(provinces);
    base = `http://127.0.0.1:${String((await under.gateway.listen()).port)}`;
    await issueDriving(under);
    const { body } = await under.call('get', '/v1/openapi.json');
    schemas = Object.fromEntries(
      OPERATIONS.map(({ method, path }) => [
        `${method} ${path}`,
        body.paths[path.replaceAll(/:(\w+)/g, '{$1}')][method].requestBody?.content[
          'application/json'
        ]?.schema,
      ]),
    );
  });
  after(async () => {
    await under.stop();
    await provinces.close();
  });

  const fieldsFor = (caller: string): Record<string, string> => ({
    ...(caller in TOKENS ? { Authorization: `Bearer ${tokenOf(caller)}` } : {}),
    'Purpose-Code': 'audit',
  });
  const storeDigest = async () => {
    const hash = createHash('sha256');
    for await (const { key, value } of under.gateway.context.store.range({ prefix: '' })) {
      // Epochs are leased ahead in the background, whoever calls.
      if (!key.startsWith('lane')) hash.update(key).update(value);
    }
    return hash.digest('hex');
  };
  const expectRefusal = async (answer: Response, what: string, codes: readonly string[]) => {
    const text = await answer.text();
    expect(answer.status, `${what}: ${text.slice(0, 300)}`).to.be.within(400, 499);
    expect(text, what).to.not.match(INSIDE);
    const { code } = JSON.parse(text) as { code: string };
    expect(codes, `${what} answers ${code}`).to.include(code);
  };

  const send = (method: string, caller: string, { address, text, media }: Attempt) => {
    const headers = fieldsFor(caller);
    return fetch(address, {
      method: method.toUpperCase(),
      headers: media === undefined ? headers : { ...headers, 'Content-Type': media },
      ...(text === undefined ? {} : { body: text }),
    });
  };

  for (const operation of OPERATIONS) {
    const { method, path, access } = operation;
    const codes = [...codesOf(operation), 'ROUTE_UNKNOWN'];

    it(`${method} ${path}`, async () => {
      const before = await storeDigest();
      const schema = schemas[`${method} ${path}`];
      const address = base + path.replace(':id', NOBODY);
      const bodies = bodiesFor(operation, schema);
      let tries = 0;
      for (const caller of CALLERS) {
        const mayCall = access === 'open' || access.some((role) => role === caller);
        const addresses = mayCall ? badAddresses(operation) : [path.replace(':id', NOBODY)];
        const attempts: readonly Attempt[] = [
          ...(mayCall ? bodies : pick(bodies, 6)).map((body) => ({ ...body, address })),
          ...addresses.map((bad) => ({ address: base + bad, how: bad.slice(0, 200) })),
        ];
        for (const attempt of attempts) {
          const what = `${caller} ${method} ${path} ${attempt.how}`;
          const answer = await send(method, caller, attempt);
          await expectRefusal(answer, what, codes);
          if (!mayCall) expect(answer.status, what).to.be.oneOf([401, 403]);
        }
        tries += attempts.length;
      }
      if (!takesNothing(operation)) expect(tries, 'tries').to.be.above(0);
      expect(await storeDigest(), 'the store').to.equal(before);
    });
  }

  it('is open to nobody under another method', async () => {
    const before = await storeDigest();
    for (const { path } of OPERATIONS) {
      for (const method of ['put', 'delete', 'patch']) {
        if (OPERATIONS.some((each) => each.path === path && each.method === method)) continue;
        const answer = await fetch(base + path.replace(':id', NOBODY), {
          method: method.toUpperCase(),
          headers: fieldsFor('officer'),
        });
        expect(answer.status, `${method} ${path}`).to.equal(404);
      }
    }
    expect(await storeDigest()).to.equal(before);
  });

  it('has mutants that a handler without a schema would let in', () => {
    const schema: JsonSchema = {
      type: 'object',
      required: ['a'],
      properties: { a: { type: 'string', pattern: '^x{2}$' }, b: { type: 'integer' } },
    };
    const how = mutantsOf(schema).map((mutant) => mutant.how);
    expect(how).to.include.members([
      ...['$.a: missing', '$.a: NUL', '$.a: too long', '$.b: huge', '$: __proto__', '$.b: deep'],
      ...['cut', 'deep', '$.a: null'],
    ]);
    expect(new Set(how).size).to.equal(how.length);
  });
});

function tokenOf(caller: string): string {
  return Object.entries(TOKENS).find(([role]) => role === caller)?.[1] ?? '';
}

/** All of them in the long form; otherwise so many, spread over the whole list. */
function pick<T>(all: readonly T[], most: number): readonly T[] {
  if (IS_WHOLE || all.length <= most) return all;
  return all.filter(
    (_, i) => Math.floor((i * most) / all.length) !== Math.floor(((i - 1) * most) / all.length),
  );
}

/** Whether an operation is for everybody and reads nothing of a request that could be wrong. */
function takesNothing({ access, params, query, body, streams }: Operation): boolean {
  return access === 'open' && [params, query, body, streams].every((part) => part === undefined);
}

/** Spoilt bodies: JSON, a form, or what an operation reads by itself. */
function bodiesFor({ form, streams = [] }: Operation, schema: JsonSchema | undefined) {
  const mutants = schema === undefined ? [] : pick(mutantsOf(schema), 90);
  const forms = form === true ? FORMS.map((text) => ({ text, media: FORM_MEDIA })) : [];
  const files = streams.flatMap((media) => FILES.map((text) => ({ text, media })));
  return [
    ...mutants.map((mutant) => ({ ...mutant, media: JSON_MEDIA })),
    ...[...forms, ...files].map((each, i) => ({ ...each, how: `${each.media} ${String(i)}` })),
  ];
}

/** Addresses with identifiers and queries that no schema takes. */
function badAddresses({ path, params, query }: Operation): readonly string[] {
  const ids = params === undefined ? [] : IDS.map((bad) => path.replace(':id', bad));
  const asked = path.replace(':id', NOBODY);
  return [...ids, ...(query === undefined ? [] : QUERIES.map((bad) => `${asked}?${bad}`))];
}
