// SPDX-License-Identifier: Apache-2.0
// Gateway processes of one province that tests kill or disturb, and the client that keeps asking them (asking-client.ts).
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseWire } from '@zhenglian/core/wire';
import { programArguments } from '@zhenglian/network/own-program';
import { tokenDigest } from '../../gateway/src/tokens.ts';
import { startGateway, waitUntilReady } from '../../scripts/gateway-process.ts';
import type { GatewayProcess } from '../../scripts/gateway-process.ts';
import { createAskingClient } from './asking-client.ts';
import type { AskingClient } from './asking-client.ts';
import { TOKENS } from './call-app.ts';
import { GUANGDONG, startProvinces } from './support.ts';
import type { TestProvinces } from './support.ts';

const MAIN = fileURLToPath(new URL('../../gateway/src/main.ts', import.meta.url));

/** Where the gateways differ from one that runs by itself. */
export interface VictimOptions {
  /** A store for all of them, with its master key in one place. */
  readonly databaseUrl?: string;
  /** A module that Node loads before the gateway. */
  readonly preload?: string;
}

/** Gateways under attack, and their client. */
export interface Victim {
  readonly provinces: TestProvinces;
  readonly client: AskingClient;
  /** Starts a gateway on the store as it is; each `instance` has a folder of its own. */
  start(changes?: Readonly<Record<string, string>>, instance?: number): Promise<GatewayProcess>;
  /** Starts a gateway and waits until it can work. */
  startReady(
    changes?: Readonly<Record<string, string>>,
    instance?: number,
  ): Promise<GatewayProcess>;
  /** Starts it, lets the client ask until all is answered and anchored, and checks everything. */
  settle(ask: () => Promise<void>): Promise<void>;
  /** Checks everything that was answered, with the gateways that run. */
  check(): Promise<void>;
  /** Forgets the store. */
  throwAway(): Promise<void>;
  /** The key that the first licence is signed with. */
  keyInUse(): Promise<Uint8Array>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** A network whose gateways of P44 are to be killed. */
export async function createVictim(options: VictimOptions = {}): Promise<Victim> {
  const provinces = await startProvinces();
  const folder = await mkdtemp(join(tmpdir(), 'zhenglian-kills-'));
  const running: GatewayProcess[] = [];
  const client = createAskingClient(() => running.map(({ url }) => url));
  const identity = await provinces.network.identity('P44', 'gateway');
  const tokens = Object.fromEntries(
    Object.entries(TOKENS).map(([role, token]) => [role, [tokenDigest(token)]]),
  );
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  await write('certificate.pem', identity.certificatePem);
  await write('key.pem', identity.keyPem);
  await write('authorities.json', JSON.stringify([{ uscc: GUANGDONG, types: ['driving'] }]));
  await write('tokens.json', JSON.stringify(tokens));
  const store =
    options.databaseUrl === undefined
      ? {}
      : { DATABASE_URL: options.databaseUrl, MASTER_KEY: join(folder, 'master.key') };
  const preload = options.preload === undefined ? [] : ['--import', options.preload];

  const start = async (changes: Readonly<Record<string, string>> = {}, instance = 0) => {
    const settings = {
      MSP: 'P44',
      NAME: 'P44',
      DATA_DIR: join(folder, `data-${String(instance)}`),
      PORT: '0',
      LEDGER_URL: provinces.network.url,
      IDENTITY_DIR: folder,
      AUTHORITIES: join(folder, 'authorities.json'),
      NETWORK_ID: provinces.network.fingerprint,
      TOKENS: join(folder, 'tokens.json'),
      LOG_LEVEL: 'warn',
      ...store,
      ...changes,
    };
    const command = [...preload, ...programArguments(MAIN)];
    const started = await startGateway(settings, join(folder, 'log'), command);
    running[instance] = started;
    return started;
  };
  const startReady = async (changes: Readonly<Record<string, string>> = {}, instance = 0) => {
    const started = await start(changes, instance);
    await waitUntilReady(async () => (await fetch(`${started.url}/readyz`)).ok);
    return started;
  };
  const check = async () => client.settle(await provinces.connect('P44'));
  const stop = async () => {
    for (const each of running) await each.stop();
  };
  return {
    provinces,
    client,
    start,
    startReady,
    check,
    async settle(ask) {
      await startReady();
      await ask();
      await check();
    },
    async throwAway() {
      await rm(join(folder, 'data-0'), { recursive: true, force: true });
      await client.forget(await provinces.connect('P44'));
    },
    async keyInUse() {
      const { body: found } = await client.call(`/v1/licences/${client.someLicence()}/code`);
      return parseWire(found.text).kid;
    },
    stop,
    async close() {
      await stop();
      await provinces.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
