// SPDX-License-Identifier: Apache-2.0
// An office's program before a gateway that is killed again and again: it asks until it gets an answer, over HTTP alone (docs/api.md).
import { randomBytes } from 'node:crypto';
import { fromBase64, toHex } from '@zhenglian/core/bytes';
import { z } from 'zod';
import type { RunningNetwork } from '../running-network.ts';
import { STUCK_MS } from './drill.ts';
import { until } from './steady.ts';

const job = z.looseObject({
  state: z.string(),
  total: z.int(),
  read: z.int(),
  accepted: z.int(),
  rejected: z.int(),
  anchored: z.int(),
});
const created = z.looseObject({ id: z.string() });
const page = z.looseObject({
  licences: z.array(z.looseObject({ id: z.string() })),
  next: z.string().optional(),
});
const licence = z.looseObject({ state: z.string() });
const code = z.looseObject({ text: z.string() });
const evidence = z.looseObject({ epoch: z.string() });
const reports = z.looseObject({ reports: z.array(z.looseObject({ verdict: z.string() })) });

/** How far an import is. */
export type ImportProgress = z.infer<typeof job>;

/** Which copy. */
export interface CopyPlace {
  readonly kid: Uint8Array;
  readonly epoch: number;
  readonly index: number;
}

/** The office's program. */
export interface Office {
  /** Uploads a file until the gateway says 202; the same key every time, so that it counts once. */
  import(type: string, csv: string): Promise<string>;
  progress(id: string): Promise<ImportProgress>;
  /** Has one licence issued, however often it takes to get the 202; gives its id. */
  mint(type: string, fields: Readonly<Record<string, string>>): Promise<string>;
  /** Has a licence revoked. */
  revoke(licence: string): Promise<void>;
  /** What the organisations co-sign of a copy's epoch, as a counter of this gateway gets it. */
  evidence(copy: CopyPlace): Promise<Uint8Array>;
  /** State of a licence. */
  state(licence: string): Promise<string>;
  /** Ids of an import's licences, in order of its lines. */
  licences(id: string): Promise<string[]>;
  /** The QR text of a licence's document. */
  printed(licence: string): Promise<string>;
  /** What a gateway's counter says of a QR text. */
  verdict(text: string): Promise<string>;
}

const TIMEOUT_MS = 30_000;
/** A whole file is read and stored before the 202. */
const UPLOAD_MS = STUCK_MS;

/** Opens it at an organisation's gateway, wherever that listens now. */
export function openOffice(network: RunningNetwork, msp: string): Office {
  const { tokens } = network.tour;
  const tokenOf = (role: string) =>
    tokens.find((each) => each.service === msp && each.role === role)?.token ?? '';
  const ask = async <T>(
    schema: z.ZodType<T>,
    route: string,
    init: RequestInit = {},
    { role = 'officer', timeout = TIMEOUT_MS } = {},
  ): Promise<T> => {
    const url = network.processes.get(msp)?.url ?? '';
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${tokenOf(role)}`);
    headers.set('purpose-code', role === 'clerk' ? 'counter-service' : 'audit');
    const signal = AbortSignal.timeout(timeout);
    const response = await fetch(`${url}/v1/${route}`, { ...init, headers, signal });
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(`${route}: ${JSON.stringify(body)}`);
    return schema.parse(body);
  };
  /** Asks until there is an answer. */
  const insist = async <T>(what: string, task: () => Promise<T>): Promise<T> => {
    let answer: { readonly value: T } | undefined;
    let refusal: unknown;
    const asked = async () => {
      answer = await task().then(
        (value) => ({ value }),
        (error: unknown) => void (refusal = error),
      );
      return answer !== undefined;
    };
    await until(what, asked).catch((error: unknown) => void (refusal ??= error));
    if (answer) return answer.value;
    throw new Error(`waited in vain for ${what}`, { cause: refusal });
  };
  return {
    import: async (type, csv) => {
      const headers = {
        'content-type': 'text/csv',
        'idempotency-key': randomBytes(16).toString('hex'),
      };
      const init = { method: 'POST', body: csv, headers };
      return (
        await insist('202', () =>
          ask(created, `imports?type=${type}`, init, { timeout: UPLOAD_MS }),
        )
      ).id;
    },
    progress: (id) => ask(job, `imports/${id}`),
    mint: async (type, fields) => {
      const headers = {
        'content-type': 'application/json',
        'idempotency-key': randomBytes(16).toString('hex'),
      };
      const init = { method: 'POST', body: JSON.stringify({ type, fields }), headers };
      return (await insist('202', () => ask(created, 'licences', init))).id;
    },
    revoke: async (id) => {
      const headers = {
        'content-type': 'application/json',
        'idempotency-key': randomBytes(16).toString('hex'),
      };
      const change = { state: 'revoked', class: 'administrative', reason: 'drill', basis: 'drill' };
      const init = { method: 'POST', body: JSON.stringify(change), headers };
      await insist('a revocation', () => ask(z.looseObject({}), `licences/${id}/status`, init));
    },
    evidence: async ({ kid, epoch, index }) => {
      const place = `kid=${toHex(kid)}&epoch=${String(epoch)}&index=${String(index)}`;
      const answer = await insist('evidence', () =>
        ask(evidence, `evidence?${place}`, {}, { role: 'clerk' }),
      );
      return fromBase64(answer.epoch);
    },
    state: async (id) => (await insist('a licence', () => ask(licence, `licences/${id}`))).state,
    licences: async (id) => {
      const ids: string[] = [];
      for (let after = ''; ;) {
        const query = after === '' ? '' : `?after=${after}`;
        const { licences, next } = await insist('a page of licences', () =>
          ask(page, `imports/${id}/licences${query}`),
        );
        ids.push(...licences.map((licence) => licence.id));
        if (next === undefined) return ids;
        after = next;
      }
    },
    printed: async (id) =>
      (await insist('a printed code', () => ask(code, `licences/${id}/code`))).text,
    verdict: async (text) => {
      const body = JSON.stringify({ presentations: [text], act: 'general' });
      const headers = { 'content-type': 'application/json' };
      const init = { method: 'POST', body, headers };
      const answer = await insist('a verdict', () =>
        ask(reports, 'verifications', init, { role: 'clerk' }),
      );
      return answer.reports[0]?.verdict ?? 'none';
    },
  };
}
