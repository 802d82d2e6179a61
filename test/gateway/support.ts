// SPDX-License-Identifier: Apache-2.0
// A province for tests: one real embedded ledger process, gateways over it, and calls whose answers are checked against
// the API's own schemas.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fromHex } from '@zhenglian/core/bytes';
import { formatUscc } from '@zhenglian/core/identifiers/uscc';
import type { Ledger } from '@zhenglian/network/ledger';
import { connectEmbedded } from '@zhenglian/network/embedded/client';
import { startEmbedded } from '@zhenglian/network/embedded/start';
import type { EmbeddedNetwork } from '@zhenglian/network/embedded/start';
import type { Config } from '../../gateway/src/config.ts';
import { createGateway } from '../../gateway/src/gateway.ts';
import type { Gateway } from '../../gateway/src/gateway.ts';
import { createLog } from '../../gateway/src/log.ts';
import { ROLES } from '../../gateway/src/accounts/principal.ts';
import { tokenDigest } from '../../gateway/src/tokens.ts';
import { accredit, FOUNDING_TYPES } from '../../scripts/accredit.ts';
import { readConsortium } from '../../scripts/consortium.ts';
import { generateDrivers, generatePeople } from '../../scripts/samples.ts';
import { DEFINITION } from '../support/embedded-network.ts';
import { AUDIT, callApp, TOKENS } from './call-app.ts';
import type { Answered, CallMethod, CallOptions } from './call-app.ts';

/** Bureaus of the two provinces. */
export const GUANGDONG = formatUscc(bureau('440100', '00000001'));
export const ZHEJIANG = formatUscc(bureau('330100', '00000002'));
/** The act that accepts copies which wait for their anchor. */
export const PATIENT = 'hotel-check-in';
export const TYPES = ['resident-id', 'business', 'driving'];

/** A founded network with types, acts and one authority a province. */
export interface TestProvinces {
  readonly network: EmbeddedNetwork;
  connect(msp: string): Promise<Ledger>;
  close(): Promise<void>;
}

/** Starts the ledger process and votes everything in. */
export async function startProvinces(types = FOUNDING_TYPES): Promise<TestProvinces> {
  const dataDir = await mkdtemp(join(tmpdir(), 'zhenglian-gateway-'));
  const network = await startEmbedded({ ...DEFINITION, dataDir });
  const ledgers: Ledger[] = [];
  const connect = async (msp: string) => {
    const identity = await network.identity(msp, 'gateway');
    const { url } = network;
    const ledger = await connectEmbedded({ url, channel: DEFINITION.channel, ...identity });
    ledgers.push(ledger);
    return ledger;
  };
  const voters = await Promise.all(['P44', 'P33', 'REG'].map(connect));
  await accredit(CONSORTIUM, types, voters);
  return {
    network,
    connect,
    async close() {
      await Promise.all(ledgers.map((ledger) => ledger.close()));
      await network.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A gateway under test, and how to call it. */
export interface TestGateway {
  readonly gateway: Gateway;
  readonly config: Config;
  readonly logs: string[];
  /** Calls, checks the answer against its schema, gives status and body. */
  call(method: CallMethod, path: string, options?: CallOptions): Promise<Answered>;
  /** Stops it; the data stays unless told. */
  stop(options?: { readonly keep?: boolean }): Promise<void>;
}

export interface GatewayOptions {
  readonly msp?: string;
  readonly dataDir?: string;
  readonly readOnly?: boolean;
  readonly ledger?: Ledger;
  readonly clock?: () => number;
  readonly batch?: { readonly size: number; readonly milliseconds: number };
  readonly pageDir?: string;
  readonly authorities?: Config['authorities'];
  readonly rules?: Config['rules'];
  readonly sources?: Config['sources'];
  readonly door?: Partial<Config['door']>;
  readonly signer?: Config['signer'];
  readonly importMaxBytes?: number;
  readonly store?: Config['store'];
  readonly observing?: Partial<Config['observing']>;
}

/** The door as it stands without settings. */
export const DOOR: Config['door'] = {
  connections: 10_000,
  connectionsPerAddress: 1000,
  trustedProxies: [],
  accountRate: { requests: 300_000, seconds: 60 },
  addressRate: { requests: 6000, seconds: 60 },
};

/** Opens a gateway of a province over the network. */
export async function openTestGateway(
  provinces: TestProvinces,
  options: GatewayOptions = {},
): Promise<TestGateway> {
  const config = await configOf(provinces, options);
  const { msp, dataDir } = config;
  const logs: string[] = [];
  const ledger = options.ledger ?? (await provinces.connect(msp));
  const gateway = await createGateway(config, {
    ledger,
    clock: options.clock ?? (() => Math.floor(Date.now() / 1000)),
    random: (length) => new Uint8Array(randomBytes(length)),
    log: createLog('info', { write: (line) => void logs.push(line) }),
    batch: options.batch ?? { size: 500, milliseconds: 20 },
  });
  return {
    gateway,
    config,
    logs,
    call: (method, path, callOptions) => callApp(gateway, method, path, callOptions),
    async stop({ keep = false } = {}) {
      await gateway.stop();
      if (!keep) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function configOf(provinces: TestProvinces, options: GatewayOptions): Promise<Config> {
  const { msp = 'P44', readOnly = false, sources = [], rules = [] } = options;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'zhenglian-gw-')));
  const identity = await provinces.network.identity(msp, 'gateway');
  return {
    msp,
    name: { zh: msp, en: msp },
    dataDir,
    host: '127.0.0.1',
    port: 0,
    ledger: { engine: 'embedded', url: provinces.network.url },
    channel: DEFINITION.channel,
    identity,
    authorities: authoritiesOf(msp, options),
    networkId: fromHex(provinces.network.fingerprint),
    pageDir: options.pageDir,
    tokens: Object.fromEntries(ROLES.map((role) => [role, [tokenDigest(TOKENS[role])]])),
    sources,
    rules,
    tls: undefined,
    door: { ...DOOR, ...options.door },
    store: { masterKeyPath: join(dataDir, 'master.key'), ...options.store },
    batchMilliseconds: 100,
    importMaxBytes: options.importMaxBytes ?? 2 ** 32,
    logLevel: 'info',
    signer: readOnly ? undefined : (options.signer ?? keyFolder(dataDir)),
    oidc: undefined,
    observing: {
      admin: undefined,
      tracesUrl: undefined,
      ...options.observing,
    },
    attached: false,
    fault: undefined,
    readOnly,
  };
}

function authoritiesOf(msp: string, options: GatewayOptions): Config['authorities'] {
  if (options.readOnly === true) return [];
  const uscc = msp === 'P33' ? ZHEJIANG : GUANGDONG;
  return options.authorities ?? [{ uscc, types: TYPES }];
}

/** The keys of a gateway, as it has them unless set otherwise. */
export function keyFolder(dataDir: string): NonNullable<Config['signer']> {
  const folder = join(dataDir, 'keys');
  return { kind: 'file', folder, passphraseFile: `${folder}.passphrase`, limits: undefined };
}

/** Until the first copy of a licence is anchored. */
export async function anchored(under: TestGateway, id: string): Promise<void> {
  await eventually(async () => {
    const { body } = await under.call('get', `/v1/licences/${id}`, AUDIT);
    expect(body.state).to.not.equal('queued');
  });
}

/** Tries until it holds, 20 seconds at most. */
export async function eventually(check: () => Promise<void>, milliseconds = 20_000): Promise<void> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const drivers = generateDrivers('gateway', 400);
const people = generatePeople('gateway', 400);
let nextDriver = 0;

/** Fields of a driving licence nobody had yet. */
export function freshDriver(): Record<string, string> {
  return { ...drivers[nextDriver++ % drivers.length] };
}

/** Fields of a resident ID card nobody had yet. */
export function freshPerson(): Record<string, string> {
  return { ...people[nextDriver++ % people.length] };
}

/** Issues a driving licence and waits for its anchor. Returns its id. */
export async function issueDriving(
  under: TestGateway,
  fields: Readonly<Record<string, string>> = freshDriver(),
): Promise<string> {
  const { status, body } = await under.call('post', '/v1/licences', {
    body: { type: 'driving', fields },
  });
  expect(status, JSON.stringify(body)).to.equal(202);
  await anchored(under, body.id);
  return body.id as string;
}

/** Writes files of a test into a fresh folder. */
export async function temporaryFiles(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'zhenglian-files-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

const act = (name: string) => ({
  act: name,
  label: { zh: name, en: name },
  maxBundleAge: 86_400,
  maxStatusAge: 86_400,
  leastHolder: 'document' as const,
  leastAnchor: name === PATIENT ? ('pending' as const) : ('covered' as const),
});
const authority = (uscc: string, msp: string) => ({
  uscc,
  msp,
  name: { zh: `${msp} 局`, en: `${msp} bureau` },
  types: TYPES,
  divisions: [msp.slice(1)],
});
const CONSORTIUM = {
  ...readConsortium(),
  authorities: [authority(GUANGDONG, 'P44'), authority(ZHEJIANG, 'P33')],
  acts: [act('general'), act('roadside'), act(PATIENT)],
};

function bureau(area: string, organisation: string) {
  return { department: '1', category: '1', area, organisation };
}
