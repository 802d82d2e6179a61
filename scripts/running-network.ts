// SPDX-License-Identifier: Apache-2.0
// The whole network on one machine: the ledger process, a gateway a province and the regulator's, founded, accredited and
// ready. `npm start`, the demo and the end-to-end tests all run this.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createToken, tokenDigest } from '@zhenglian/gateway/tokens';
import { z } from 'zod';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { accredit, FOUNDING_TYPES } from './accredit.ts';
import { desksOf, readConsortium, rulesOf } from './consortium.ts';
import type { ConsortiumFile } from './consortium.ts';
import { startGateway, waitUntilReady } from './gateway-process.ts';
import type { GatewayProcess } from './gateway-process.ts';
import type { TlsFiles } from './self-signed.ts';
import { startEmbeddedTour } from './tour-ledger.ts';
import type { StartTourLedger, TourLedger } from './tour-ledger.ts';
import { ensureAccounts, tourAccount } from './tour-accounts.ts';
import { PLACE_FILE } from './tour-place.ts';

const tourShape = z.strictObject({
  version: z.literal(1),
  fingerprint: z.string(),
  services: z.array(z.strictObject({ name: z.string(), role: z.string(), url: z.string() })),
  tokens: z.array(z.strictObject({ service: z.string(), role: z.string(), token: z.string() })),
  accounts: z.array(tourAccount).default([]),
});

/** What `tour.json` says: where everything is, and the demo's tokens. */
export type Tour = z.infer<typeof tourShape>;

/** What to run. Ports: the first of consecutive ones, or free ones. */
export interface RunOptions {
  readonly dataDir: string;
  readonly port?: number;
  readonly host?: string;
  readonly tls?: TlsFiles;
  /** What to found; network/consortium.json unless given. */
  readonly consortium?: ConsortiumFile;
  /** Licence types voted in at the start; the three of the product unless given. */
  readonly types?: readonly TypeDefinition[];
  /** Arguments for Node that run a gateway; our own unless given. */
  readonly gateway?: readonly string[];
  /** Starts the ledger; the embedded one unless given. */
  readonly startLedger?: StartTourLedger;
  /** Told what is being done, a line each. */
  readonly progress: (line: string) => void;
}

/** A network that serves. */
export interface RunningNetwork {
  readonly tour: Tour;
  readonly dataDir: string;
  /** The process of a service by its name in the tour, for tests that kill it. */
  readonly processes: ReadonlyMap<string, GatewayProcess>;
  readonly ledger: TourLedger;
  /** Starts a service again that was killed, as it was started first, and waits until it is ready. */
  restart(name: string): Promise<GatewayProcess>;
  stop(): Promise<void>;
}

const PAGE = fileURLToPath(new URL('../verifier-web/dist', import.meta.url));
const ROLES = ['officer', 'clerk', 'regulator', 'administrator'] as const;

/** Starts everything, or starts it again on the same data. */
export async function runNetwork(options: RunOptions): Promise<RunningNetwork> {
  const { dataDir, progress } = options;
  const file = options.consortium ?? readConsortium();
  const desks = desksOf(file);
  const ledger = await (options.startLedger ?? startEmbeddedTour)({
    dataDir,
    file,
    progress,
  });
  const processes = new Map<string, GatewayProcess>();
  const starts = new Map<string, () => Promise<GatewayProcess>>();
  const stop = async () => {
    await Promise.all([...processes.values()].map((gateway) => gateway.stop()));
    await ledger.stop();
  };
  try {
    progress('founding the consortium and voting types, acts and authorities in');
    await voteIn(ledger, file, options.types ?? FOUNDING_TYPES);
    const tokens = ensureTokens(dataDir, file);
    const last = readLastTour(dataDir);
    const launch = async (msp: string, i: number) => {
      progress(`starting the gateway of ${msp}`);
      const own = options.port === undefined ? await freeAgain(last, msp) : options.port + i;
      const settings = await settingsOf({ ...options, file, ledger, tokens, msp, processes, own });
      const log = join(dataDir, 'gateways', `${msp}.log`);
      const start = () => startGateway(settings, log, options.gateway);
      starts.set(msp, start);
      processes.set(msp, await start());
    };
    const places = desks.map(({ msp, kind }, i) => ({ msp, kind, i }));
    // The regulator's gateway is told where the others are.
    for (const wanted of ['province', 'regulator'] as const) {
      const started = places.filter(({ kind }) => kind === wanted);
      // All of them come up or fail before anything is stopped: none is left behind.
      const ended = await Promise.allSettled(started.map(({ msp, i }) => launch(msp, i)));
      const failed = ended.find((outcome) => outcome.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    }
    progress('waiting until every gateway is ready');
    await Promise.all([...processes.values()].map((g) => waitUntilReady(() => isReady(g.url))));
    progress('making accounts');
    const services = desks.map(({ msp, kind }) => ({
      name: msp,
      role: kind,
      url: processes.get(msp)?.url ?? '',
    }));
    const accounts = await ensureAccounts({
      last,
      tokens,
      services,
      tls: options.tls,
    });
    const tour: Tour = {
      version: 1,
      fingerprint: ledger.fingerprint,
      services,
      tokens,
      accounts,
    };
    writeAtOnce(join(dataDir, PLACE_FILE), JSON.stringify(ledger.place));
    writeAtOnce(join(dataDir, 'tour.json'), `${JSON.stringify(tour, null, 2)}\n`);
    const restart = async (name: string) => {
      const gateway = await starts.get(name)?.();
      if (gateway === undefined) throw new Error(`there is no service ${name}`);
      processes.set(name, gateway);
      await waitUntilReady(() => isReady(gateway.url));
      return gateway;
    };
    return { tour, dataDir, processes, ledger, restart, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Reads the tour of a network that runs in a data directory. */
export function readTour(dataDir: string): Tour {
  return tourShape.parse(JSON.parse(readFileSync(join(dataDir, 'tour.json'), 'utf8')));
}

function readLastTour(dataDir: string): Tour | undefined {
  return existsSync(join(dataDir, 'tour.json')) ? readTour(dataDir) : undefined;
}

/** The port this gateway had last time, if it is still to be had: wallets and bookmarks name it. */
async function freeAgain(last: Tour | undefined, msp: string): Promise<number> {
  const url = last?.services.find(({ name }) => name === msp)?.url;
  const port = url === undefined ? 0 : Number(new URL(url).port);
  const probe = createServer().listen(port, '127.0.0.1');
  const free = await once(probe, 'listening').then(
    () => true,
    () => false,
  );
  probe.close();
  return free ? port : 0;
}

/** Asks a gateway whether it is ready; a self-made certificate is not judged here. */
async function isReady(url: string): Promise<boolean> {
  if (url.startsWith('https:')) return true; // it listens; a browser will ask about the certificate
  const response = await fetch(`${url}/readyz`);
  await response.body?.cancel();
  return response.ok;
}

async function voteIn(
  ledger: TourLedger,
  file: ConsortiumFile,
  types: readonly TypeDefinition[],
): Promise<void> {
  const voters = await Promise.all(
    votersOf(file).map(({ msp }) => ledger.connect(msp, 'administrator')),
  );
  try {
    await accredit(file, types, voters);
  } finally {
    await Promise.all(voters.map((voter) => voter.close()));
  }
}

/** As many as the threshold wants. */
function votersOf({ organisations, threshold }: ConsortiumFile): ConsortiumFile['organisations'] {
  const [num, den] = threshold;
  return organisations.slice(0, Math.ceil((organisations.length * num) / den));
}

interface SettingsParts extends RunOptions {
  readonly file: ConsortiumFile;
  readonly ledger: TourLedger;
  readonly tokens: Tour['tokens'];
  readonly msp: string;
  readonly processes: ReadonlyMap<string, GatewayProcess>;
  /** The port of this gateway; 0 = a free one. */
  readonly own: number;
}

/** The environment of a gateway; everything secret is in files of mode 0600. */
async function settingsOf(parts: SettingsParts): Promise<Readonly<Record<string, string>>> {
  const { dataDir, file, ledger, tokens, msp, own, tls, host } = parts;
  const folder = join(dataDir, 'gateways', msp);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const organisation = file.organisations.find((o) => o.msp === msp);
  const regulator = organisation?.kind === 'regulator';
  const write = (name: string, content: unknown) => {
    writeAtOnce(join(folder, name), JSON.stringify(content, null, 2));
    return join(folder, name);
  };
  const digests = (role: string) =>
    tokens.filter((t) => t.service === msp && t.role === role).map((t) => tokenDigest(t.token));
  return {
    MSP: msp,
    NAME: JSON.stringify(organisation?.name),
    DATA_DIR: folder,
    PORT: String(own),
    HOST: host ?? '127.0.0.1',
    ...(await ledger.gatewaySettings(msp)),
    CHANNEL: file.channel,
    NETWORK_ID: ledger.fingerprint,
    TOKENS: write('tokens.json', Object.fromEntries(ROLES.map((role) => [role, digests(role)]))),
    PAGE_DIR: PAGE,
    ...(tls === undefined ? {} : { TLS_CERT: tls.certificate, TLS_KEY: tls.key }),
    ...(regulator
      ? { READ_ONLY: '1', SOURCES: write('sources.json', sourcesOf(parts, write)) }
      : {
          AUTHORITIES: write(
            'authorities.json',
            file.authorities
              .filter((a) => a.msp === msp)
              .map(({ uscc, types }) => ({ uscc, types })),
          ),
          RULES: write('rules.json', rulesOf(file)),
        }),
  };
}

/** The regulator reads every province's trails with a token of its own there. */
function sourcesOf(
  { processes, tokens }: SettingsParts,
  write: (name: string, content: unknown) => string,
): readonly unknown[] {
  return [...processes].map(([msp, { url }]) => {
    const token = tokens.find((t) => t.service === msp && t.role === 'regulator')?.token ?? '';
    const tokenFile = write(`token-${msp}`, token);
    writeAtOnce(tokenFile, token);
    return { msp, url, tokenFile };
  });
}

/** The tokens of the last run, and new ones where there was none: one a service and role. */
function ensureTokens(dataDir: string, file: ConsortiumFile): Tour['tokens'] {
  const known = readLastTour(dataDir)?.tokens ?? [];
  const random = (length: number) => new Uint8Array(randomBytes(length));
  return desksOf(file).flatMap(({ msp, kind }) =>
    ROLES.filter((role) => kind === 'province' || !['officer', 'clerk'].includes(role)).map(
      (role) =>
        known.find((last) => last.service === msp && last.role === role) ?? {
          service: msp,
          role,
          token: createToken(random).token,
        },
    ),
  );
}

/** A reader sees the old file or the new one; only the owner may read it. */
function writeAtOnce(file: string, content: string): void {
  writeFileSync(`${file}.new`, content, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
