// SPDX-License-Identifier: Apache-2.0
// A client that asks again with the same key until it has an answer, and a checker that knows only the answers the client
// got and the blocks of the ledger: nothing lost, nothing doubled, no answer broken.
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { anchorArgument } from '@zhenglian/core/anchor';
import { toHex } from '@zhenglian/core/bytes';
import { openPresentation } from '@zhenglian/core/presentation';
import { DRIVING } from '@zhenglian/core/types/driving';
import { parseWire } from '@zhenglian/core/wire';
import type { Ledger } from '@zhenglian/network/ledger';
import type { Role } from '../../gateway/src/accounts/principal.ts';
import { numberedDrivers } from '../../scripts/numbered-drivers.ts';
import { DRIVING_HEADER, encodeCsv } from '../../scripts/samples.ts';
import { readAnchored } from '../support/anchored-leaves.ts';
import { TOKENS } from './call-app.ts';
import type { Answered } from './call-app.ts';
import { eventually, GUANGDONG } from './support.ts';

/** How long a gateway may say that its store is away before the client gives up. */
const STORE_AWAY_MS = 60_000;
const READ_AT_ONCE = 16;

/** What the client asks for in one round. */
export interface Load {
  readonly lines: number;
  readonly singles: number;
}

/** What is asked of a gateway. */
export interface Asked {
  readonly body?: { readonly type: string; readonly text: string };
  /** Idempotency-Key. */
  readonly key?: string;
  /** Which of the gateways; one after the other unless told. */
  readonly at?: number;
  /** An officer unless told. */
  readonly as?: Role;
}

/** What an import came to. */
export interface ImportEnd {
  readonly total: number;
  readonly accepted: number;
  readonly anchored: number;
  /** The first of them. */
  readonly errors: readonly { readonly line: number; readonly reason: string }[];
}

/** A client of one gateway, or of several over one store, whom it asks in turn. */
export interface AskingClient {
  call(path: string, asked?: Asked): Promise<Answered>;
  /** A round of work that may be asked again and again: a file, then some single licences. */
  work(load: Load): () => Promise<void>;
  /** The same file under a key of its own for each of these gateways, at once; gives what each import came to. */
  sendAtOnce(lines: number, gateways: readonly number[]): Promise<readonly ImportEnd[]>;
  /** Waits until everything that was answered is anchored, and compares it with the blocks. */
  settle(ledger: Ledger): Promise<void>;
  /** One of the licences it was told of. */
  someLicence(): string;
  /** Forgets every answer, with what the ledger has of them. */
  forget(ledger: Ledger): Promise<void>;
}

/** A client of the gateways that `urls` names when it is asked. */
export function createAskingClient(urls: () => readonly string[]): AskingClient {
  let rounds = 0;
  /** Licences that were made up, each of another holder. */
  let drivers = 0;
  let turn = 0;
  /** What the client was told: licences accepted one by one, and imports. */
  const singles = new Set<string>();
  const imports = new Set<string>();
  const answers = new Map<string, string>();
  /** Leaves of stores that were thrown away. */
  let forgotten = 0;

  const call = async (path: string, { body, key, at = turn++, as = 'officer' }: Asked = {}) => {
    const all = urls();
    const response = await fetch(`${all[at % all.length] ?? ''}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        Authorization: `Bearer ${TOKENS[as]}`,
        'Purpose-Code': 'audit',
        ...(body === undefined ? {} : { 'Content-Type': body.type }),
        ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      },
      ...(body === undefined ? {} : { body: body.text }),
    });
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    return { status: response.status, body: (await response.json()) as any };
  };
  /** A store that is away is the one thing a gateway may say instead of doing what it was asked. */
  const ask = async (path: string, asked: Asked) => {
    const deadline = performance.now() + STORE_AWAY_MS;
    for (;;) {
      const answer = await call(path, asked);
      const isAway = answer.status === 503 && answer.body.code === 'STORE_UNAVAILABLE';
      if (!isAway || performance.now() > deadline) {
        expect(answer.status, JSON.stringify(answer.body)).to.equal(202);
        return told(asked.key ?? '', answer.body.id as string);
      }
      await pause(100);
    }
  };
  /** The same key gets the same answer, before a fault and after it, whichever gateway is asked. */
  const told = (key: string, id: string) => {
    expect(answers.get(key) ?? id).to.equal(id);
    answers.set(key, id);
    return id;
  };
  const importFile = async (asked: Asked) => {
    const id = await ask('/v1/imports?type=driving', asked);
    imports.add(id);
    return id;
  };
  const nextDrivers = (count: number) => {
    drivers += count;
    return numberedDrivers(drivers - count, drivers);
  };
  const nextFile = (lines: number) => {
    rounds += 1;
    const text = encodeCsv(DRIVING_HEADER, nextDrivers(lines));
    return { round: String(rounds), body: { type: 'text/csv', text } };
  };
  const untilDone = async (id: string) => {
    let done: Answered['body'];
    await eventually(async () => {
      ({ body: done } = await call(`/v1/imports/${id}`));
      expect(done).to.include({ state: 'done', anchored: done.accepted });
    }, 120_000);
    return done as ImportEnd;
  };

  const work = ({ lines, singles: wanted }: Load) => {
    const { round, body } = nextFile(lines);
    const forms = nextDrivers(wanted).map((fields) => {
      return { type: 'application/json', text: JSON.stringify({ type: 'driving', fields }) };
    });
    return async () => {
      await importFile({ body, key: `import-${round}` });
      for (const [i, form] of forms.entries()) {
        singles.add(await ask('/v1/licences', { body: form, key: `single-${round}-${String(i)}` }));
      }
    };
  };
  const sendAtOnce = async (lines: number, gateways: readonly number[]) => {
    const { round, body } = nextFile(lines);
    const ids = await Promise.all(
      gateways.map((at, i) => importFile({ body, at, key: `at-once-${round}-${String(i)}` })),
    );
    expect(new Set(ids).size).to.equal(gateways.length);
    return Promise.all(ids.map(untilDone));
  };
  const licencesTold = async () => {
    const licences = [...singles];
    for (const id of imports) {
      for (let after = ''; ;) {
        const { body } = await call(`/v1/imports/${id}/licences${after}`);
        for (const line of body.licences) licences.push(line.id);
        if (body.next === undefined) break;
        after = `?after=${body.next as string}`;
      }
    }
    expect(new Set(licences).size, 'licences told twice').to.equal(licences.length);
    return licences;
  };
  const settle = async (ledger: Ledger) => {
    for (const id of imports) await untilDone(id);
    const licences = await licencesTold();
    const found = new Map<string, string>();
    const read = (id: string) =>
      eventually(async () => {
        const { status, body } = await call(`/v1/licences/${id}/code`);
        expect(status, JSON.stringify(body)).to.equal(200);
        const wire = parseWire(body.text);
        const argument = anchorArgument(openPresentation(wire, DRIVING).cose);
        found.set(`${String(wire.epoch)}/${String(wire.index)}`, toHex(argument));
      });
    for (let at = 0; at < licences.length; at += READ_AT_ONCE) {
      await Promise.all(licences.slice(at, at + READ_AT_ONCE).map(read));
    }
    const chain = await readAnchored(ledger, GUANGDONG);
    expect(found.size).to.equal(licences.length);
    for (const [place, argument] of found) expect(chain.get(place)).to.equal(argument);
    expect(chain.size - forgotten, 'leaves that are nobody’s').to.equal(found.size);
  };
  const forget = async (ledger: Ledger) => {
    forgotten = (await readAnchored(ledger, GUANGDONG)).size;
    for (const told of [singles, imports, answers]) told.clear();
  };
  return { call, work, sendAtOnce, settle, forget, someLicence: () => String([...singles][0]) };
}
