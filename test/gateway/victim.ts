// SPDX-License-Identifier: Apache-2.0
// A gateway process that tests kill, a client that asks again with the same key until it has an answer, and a checker that
// knows only the answers the client got and the blocks of the ledger: nothing lost, nothing doubled, no answer broken.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { anchorArgument } from '@zhenglian/core/anchor';
import { toHex } from '@zhenglian/core/bytes';
import { openPresentation } from '@zhenglian/core/presentation';
import { DRIVING } from '@zhenglian/core/types/driving';
import { parseWire } from '@zhenglian/core/wire';
import { tokenDigest } from '../../gateway/src/tokens.ts';
import { startGateway, waitUntilReady } from '../../scripts/gateway-process.ts';
import type { GatewayProcess } from '../../scripts/gateway-process.ts';
import { encodeCsv, generateDrivers } from '../../scripts/samples.ts';
import { readAnchored } from '../support/anchored-leaves.ts';
import { TOKENS } from './call-app.ts';
import { eventually, freshDriver, GUANGDONG, startProvinces } from './support.ts';
import type { TestProvinces } from './support.ts';

const HEADER =
  'name,sex,birthDate,nationality,address,licenceNo,firstIssuedOn,classes,validFrom,validTo,fileNo,hearingAid';

/** What the client asks for in one round. */
export interface Load {
  readonly lines: number;
  readonly singles: number;
}

/** A gateway under attack, and its client. */
export interface Victim {
  readonly provinces: TestProvinces;
  /** Starts the gateway on the store as it is. */
  start(changes: Readonly<Record<string, string>>): Promise<GatewayProcess>;
  /** A round of work that may be asked again and again. */
  work(load: Load): () => Promise<void>;
  /** Starts it, lets the client ask until all is answered and anchored, and checks everything. */
  settle(ask: () => Promise<void>): Promise<void>;
  /** Forgets the store. */
  throwAway(): Promise<void>;
  /** The key that the first licence is signed with. */
  keyInUse(): Promise<Uint8Array>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** A network whose gateway of P44 is to be killed. */
export async function createVictim(): Promise<Victim> {
  const provinces = await startProvinces();
  const folder = await mkdtemp(join(tmpdir(), 'zhenglian-kills-'));
  let running: GatewayProcess | undefined;
  let rounds = 0;
  /** What the client was told: licences accepted one by one, and imports. */
  const singles = new Set<string>();
  const imports = new Set<string>();
  const answers = new Map<string, string>();
  /** Leaves of stores that were thrown away. */
  let forgotten = 0;
  const identity = await provinces.network.identity('P44', 'gateway');
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  await write('certificate.pem', identity.certificatePem);
  await write('key.pem', identity.keyPem);
  await write('authorities.json', JSON.stringify([{ uscc: GUANGDONG, types: ['driving'] }]));
  await write('tokens.json', JSON.stringify({ officer: [tokenDigest(TOKENS.officer)] }));

  const start = async (changes: Record<string, string>) => {
    const settings = {
      MSP: 'P44',
      NAME: 'P44',
      DATA_DIR: join(folder, 'data'),
      PORT: '0',
      LEDGER_URL: provinces.network.url,
      IDENTITY_DIR: folder,
      AUTHORITIES: join(folder, 'authorities.json'),
      NETWORK_ID: provinces.network.fingerprint,
      TOKENS: join(folder, 'tokens.json'),
      LOG_LEVEL: 'warn',
      ...changes,
    };
    running = await startGateway(settings, join(folder, 'log'));
    return running;
  };
  const call = async (path: string, body?: { type: string; text: string }, key?: string) => {
    const response = await fetch(`${running?.url ?? ''}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        Authorization: `Bearer ${TOKENS.officer}`,
        'Purpose-Code': 'audit',
        ...(body === undefined ? {} : { 'Content-Type': body.type }),
        ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      },
      ...(body === undefined ? {} : { body: body.text }),
    });
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    return { status: response.status, body: (await response.json()) as any };
  };
  /** A file and some single licences, by a client that asks again with the same key until it has an answer. */
  const work = ({ lines, singles: wanted }: Load) => {
    rounds += 1;
    const round = rounds;
    const drivers = generateDrivers(`kills-${String(round)}`, lines);
    const csv = { type: 'text/csv', text: encodeCsv(HEADER, drivers) };
    const forms = Array.from({ length: wanted }, () => {
      return {
        type: 'application/json',
        text: JSON.stringify({ type: 'driving', fields: freshDriver() }),
      };
    });
    return async () => {
      const file = await call('/v1/imports?type=driving', csv, `import-${String(round)}`);
      expect(file.status).to.equal(202);
      imports.add(told(`import-${String(round)}`, file.body.id));
      for (const [i, form] of forms.entries()) {
        const key = `single-${String(round)}-${String(i)}`;
        const { status, body } = await call('/v1/licences', form, key);
        expect(status, JSON.stringify(body)).to.equal(202);
        singles.add(told(key, body.id));
      }
    };
  };
  /** The same key gets the same answer, before a kill and after it. */
  const told = (key: string, id: string) => {
    expect(answers.get(key) ?? id).to.equal(id);
    answers.set(key, id);
    return id;
  };
  const checkEverything = async () => {
    const licences = new Set(singles);
    for (const id of imports) {
      for (let after = ''; ;) {
        const { body } = await call(`/v1/imports/${id}/licences${after}`);
        for (const line of body.licences) licences.add(line.id);
        if (body.next === undefined) break;
        after = `?after=${body.next as string}`;
      }
    }
    const found = new Map<string, string>();
    for (const id of licences) {
      await eventually(async () => {
        const { status, body } = await call(`/v1/licences/${id}/code`);
        expect(status, JSON.stringify(body)).to.equal(200);
        const wire = parseWire(body.text);
        const argument = anchorArgument(openPresentation(wire, DRIVING).cose);
        found.set(`${String(wire.epoch)}/${String(wire.index)}`, toHex(argument));
      });
    }
    const ledger = await provinces.connect('P44');
    const chain = await readAnchored(ledger, GUANGDONG);
    expect(found.size).to.equal(licences.size);
    for (const [place, argument] of found) expect(chain.get(place)).to.equal(argument);
    expect(chain.size - forgotten, 'leaves that are nobody’s').to.equal(found.size);
  };
  const settle = async (ask: () => Promise<void>) => {
    const { url } = await start({});
    await waitUntilReady(async () => (await fetch(`${url}/readyz`)).ok);
    await ask();
    for (const id of imports) {
      await eventually(async () => {
        const { body } = await call(`/v1/imports/${id}`);
        expect(body).to.include({ state: 'done', anchored: body.accepted });
      }, 120_000);
    }
    await checkEverything();
  };
  const throwAway = async () => {
    await rm(join(folder, 'data'), { recursive: true, force: true });
    forgotten = (await readAnchored(await provinces.connect('P44'), GUANGDONG)).size;
    for (const told of [singles, imports, answers]) told.clear();
  };
  const keyInUse = async () => {
    const { body: found } = await call(`/v1/licences/${String([...singles][0])}/code`);
    return parseWire(found.text).kid;
  };
  return {
    provinces,
    start,
    work,
    settle,
    throwAway,
    keyInUse,
    stop: async () => running?.stop(),
    async close() {
      await running?.stop();
      await provinces.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
