// SPDX-License-Identifier: Apache-2.0
// Kills with −9 at each named point of issuance (docs/issuance.md). Afterwards a checker that knows only the answers the
// client got and the blocks of the ledger counts: nothing lost, nothing doubled, no answer broken.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { anchorArgument } from '@zhenglian/core/anchor';
import { toHex } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import { openPresentation } from '@zhenglian/core/presentation';
import { DRIVING } from '@zhenglian/core/types/driving';
import { parseWire } from '@zhenglian/core/wire';
import type { FaultPointName } from '../../gateway/src/fault-points.ts';
import { FAULT_POINTS } from '../../gateway/src/fault-points.ts';
import { tokenDigest } from '../../gateway/src/tokens.ts';
import { startGateway, waitUntilReady } from '../../scripts/gateway-process.ts';
import type { GatewayProcess } from '../../scripts/gateway-process.ts';
import { encodeCsv, generateDrivers } from '../../scripts/samples.ts';
import { readAnchored } from '../support/anchored-leaves.ts';
import { eventually, freshDriver, GUANGDONG, startProvinces, TOKENS } from './support.ts';
import type { TestProvinces } from './support.ts';

const LINES = 40;
const SINGLES = 6;
const HEADER =
  'name,sex,birthDate,nationality,address,licenceNo,firstIssuedOn,classes,validFrom,validTo,fileNo,hearingAid';

describe('gateway: kills at named points', function () {
  this.timeout(300_000);
  let provinces: TestProvinces;
  let folder: string;
  let running: GatewayProcess | undefined;
  let rounds = 0;
  /** What the client was told: licences accepted one by one, and imports. */
  const singles = new Set<string>();
  const imports = new Set<string>();
  const answers = new Map<string, string>();
  /** Leaves of stores that were thrown away. */
  let forgotten = 0;

  before(async () => {
    provinces = await startProvinces();
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-kills-'));
    const identity = await provinces.network.identity('P44', 'gateway');
    const write = (name: string, text: string) => writeFile(join(folder, name), text);
    await write('certificate.pem', identity.certificatePem);
    await write('key.pem', identity.keyPem);
    await write('authorities.json', JSON.stringify([{ uscc: GUANGDONG, types: ['driving'] }]));
    await write('tokens.json', JSON.stringify({ officer: [tokenDigest(TOKENS.officer)] }));
  });
  after(async () => {
    await running?.stop();
    await provinces.close();
    await rm(folder, { recursive: true, force: true });
  });

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
  const work = (round: number) => {
    const drivers = generateDrivers(`kills-${String(round)}`, LINES);
    const csv = { type: 'text/csv', text: encodeCsv(HEADER, drivers) };
    const forms = Array.from({ length: SINGLES }, () => {
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
  const die = async (fault: FaultPointName, times: number, settings: Record<string, string>) => {
    rounds += 1;
    const ask = work(rounds);
    const victim = await start({ ...settings, FAULT_POINT: `${fault}:${String(times)}` });
    const ended = once(victim.process, 'exit');
    await ask().catch(() => undefined); // it dies in the middle, or a moment after
    const [, signal] = (await ended) as [number | null, string | null];
    expect(signal, `no kill at ${fault}`).to.equal('SIGKILL');
    return ask;
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

  for (const fault of FAULT_POINTS.filter((name) => name !== 'resigned')) {
    it(`at ${fault}`, async () => {
      // A lane is leased once: its points are met in a store of their own.
      if (fault.startsWith('lease-')) await throwAway();
      await settle(await die(fault, fault.startsWith('lease-') ? 1 : 2, {}));
      await running?.stop();
    });
  }

  it('at resigned, after the key was burned', async () => {
    rounds += 1;
    const ask = work(rounds);
    const victim = await start({ BATCH_MS: '6000', FAULT_POINT: 'resigned' });
    await waitUntilReady(async () => (await fetch(`${victim.url}/readyz`)).ok);
    await ask();
    const ended = once(victim.process, 'exit');
    const ledger = await provinces.connect('P44');
    const kid = await keyInUse();
    const chain = await readAnchored(ledger, GUANGDONG);
    const lastGood = new Map<number, number>();
    for (const place of chain.keys()) {
      const [epoch = 0, index = 0] = place.split('/').map(Number);
      lastGood.set(epoch, Math.max(index, lastGood.get(epoch) ?? 0));
    }
    const request = encodeCbor({ kid, lastGood });
    await ledger.submit({ chaincode: 'zl', name: 'BurnKey', request });
    const [, signal] = (await ended) as [number | null, string | null];
    expect(signal).to.equal('SIGKILL');
    await settle(ask);
  });

  const keyInUse = async () => {
    const { body: found } = await call(`/v1/licences/${String([...singles][0])}/code`);
    return parseWire(found.text).kid;
  };
});
