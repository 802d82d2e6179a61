// SPDX-License-Identifier: Apache-2.0
// What the demo does over HTTP, as any system of an office would (docs/api.md).
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const job = z.looseObject({
  id: z.string(),
  state: z.string(),
  total: z.int(),
  accepted: z.int(),
  anchored: z.int(),
});
const WAIT_MS = 120_000;

/** A client with one role's token at one gateway. */
export interface DemoClient {
  /** Imports a file and waits until everything accepted is anchored. */
  importCsv(type: string, csv: string): Promise<z.infer<typeof job>>;
  /** The id of the living licence of a subject. */
  find(type: string, subject: string): Promise<string>;
  claimCode(id: string): Promise<{ readonly code: string }>;
  printedCode(id: string, set: string): Promise<string>;
  setStatus(id: string, state: string): Promise<void>;
  /** What the regulator's gateway says of a province's trail: `proven`, `pending` or `BROKEN`. */
  trailChecked(id: string, msp: string): Promise<string>;
}

/** Speaks to a gateway; every refusal is an error with the gateway's own code. */
export function createDemoClient(url: string, token: string): DemoClient {
  const ask = async <T>(
    schema: z.ZodType<T>,
    route: string,
    init: RequestInit = {},
  ): Promise<T> => {
    const headers = {
      authorization: `Bearer ${token}`,
      'purpose-code': 'audit',
      ...(typeof init.body === 'string' && !init.headers
        ? { 'content-type': 'application/json' }
        : {}),
    };
    const merged = { ...headers, ...(init.headers as Record<string, string> | undefined) };
    const response = await fetch(`${url}/v1/${route}`, { ...init, headers: merged });
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(`${route}: ${JSON.stringify(body)}`);
    return schema.parse(body);
  };
  const post = <T>(schema: z.ZodType<T>, route: string, body: unknown) =>
    ask(schema, route, { method: 'POST', body: JSON.stringify(body) });
  return {
    async importCsv(type, csv) {
      const headers = { 'content-type': 'text/csv' };
      const init = { method: 'POST', body: csv, headers };
      const { id } = await ask(z.looseObject({ id: z.string() }), `imports?type=${type}`, init);
      return poll(
        () => ask(job, `imports/${id}`),
        (seen) => seen.state === 'done' && seen.anchored === seen.accepted,
      );
    },
    async find(type, subject) {
      const found = z.looseObject({ licences: z.array(z.looseObject({ id: z.string() })) });
      const { licences } = await post(found, 'licences/search', { type, subject });
      return z.string().parse(licences[0]?.id);
    },
    claimCode: (id) =>
      post(z.looseObject({ code: z.string() }), `licences/${id}/claim-codes`, {
        delivery: 'counter',
      }),
    async printedCode(id, set) {
      const printed = z.looseObject({ text: z.string() });
      return (await ask(printed, `licences/${id}/code?set=${set}`)).text;
    },
    async setStatus(id, state) {
      const change = { state, class: 'administrative', reason: 'demo', basis: 'demo' };
      await post(z.looseObject({}), `licences/${id}/status`, change);
    },
    async trailChecked(id, msp) {
      const trails = z.looseObject({
        provinces: z.array(z.looseObject({ msp: z.string(), checked: z.string() })),
      });
      const { provinces } = await poll(
        () => ask(trails, `trace?licence=${id}`),
        (seen) => seen.provinces.some((p) => p.msp === msp && p.checked !== 'pending'),
      );
      return provinces.find((p) => p.msp === msp)?.checked ?? 'absent';
    },
  };
}

/** Asks until it is so, two minutes at most. */
async function poll<T>(ask: () => Promise<T>, done: (seen: T) => boolean): Promise<T> {
  const deadline = Date.now() + WAIT_MS;
  let seen = await ask();
  while (!done(seen) && Date.now() < deadline) {
    await sleep(300);
    seen = await ask();
  }
  return seen;
}
