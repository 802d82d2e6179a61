// SPDX-License-Identifier: Apache-2.0
// Settings of one gateway: the environment, parsed once into a frozen record; all problems are reported together.
import { readFileSync } from 'node:fs';
import { fromHex } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { parseRecognitionRule } from '@zhenglian/core/records/rule';
import type { RecognitionRule } from '@zhenglian/core/records/rule';
import { isUscc } from '@zhenglian/core/identifiers/uscc';
import type { FabricPeer } from '@zhenglian/network/fabric/members';
import { z } from 'zod';
import { ROLES } from './accounts/principal.ts';
import { DOOR_SETTINGS, readDoor, readTls } from './config/door.ts';
import type { DoorConfig, TlsConfig } from './config/door.ts';
import { FAULT_SETTINGS, readFault } from './config/fault.ts';
import type { FaultConfig } from './config/fault.ts';
import { OIDC_SETTINGS, readOidc } from './config/oidc.ts';
import type { OidcConfig } from './config/oidc.ts';
import { OBSERVING_SETTINGS, parseObserving } from './config/observing.ts';
import type { ObservingConfig } from './config/observing.ts';
import { demand, isComplete, jsonFile, parseFlag, parseWhole, readerOf } from './config/reading.ts';
import type { Environment, Read } from './config/reading.ts';
import { LOG_LEVELS } from './log.ts';
import { parseStore, STORE_SETTINGS } from './config/store.ts';
import type { StoreConfig } from './config/store.ts';
import type { LogLevel } from './log.ts';
import { gatewayError } from './problem-codes.ts';
import { parseSigner, SIGNER_SETTINGS } from './signing/signer-settings.ts';
import type { SignerConfig } from './signing/signer-settings.ts';
import type { TokenDigests } from './tokens.ts';

/** An authority this gateway signs for, and the types it issues. */
export interface IssuingAuthority {
  readonly uscc: string;
  readonly types: readonly string[];
}

/** Another gateway whose trails the regulator's reads. */
export interface SourceConfig {
  readonly msp: string;
  readonly url: string;
  readonly token: string;
}

/** The engine under this gateway; nothing above the Ledger interface asks which. */
export type LedgerConfig =
  | { readonly engine: 'embedded'; readonly url: string }
  | {
      readonly engine: 'fabric';
      readonly genesisHash: Uint8Array;
      readonly peers: readonly FabricPeer[];
      readonly tlsCertificatePem: string;
      readonly tlsKeyPem: string;
    };

/** What a gateway must know before it starts. */
export interface Config {
  /** MSP id: whose gateway this is. */
  readonly msp: string;
  /** For people, as `/v1/network` tells it. */
  readonly name: { readonly zh: string; readonly en: string };
  /** Folder of the database and master key; made when missing. */
  readonly dataDir: string;
  /** PostgreSQL, where instances share one, and the master keys. */
  readonly store: StoreConfig;
  readonly host: string;
  /** 0 = a free one. */
  readonly port: number;
  /** Where the embedded ledger is, or how Fabric's peers are reached. */
  readonly ledger: LedgerConfig;
  readonly channel: string;
  /** This gateway's client identity on the ledger. */
  readonly identity: { readonly certificatePem: string; readonly keyPem: string };
  readonly authorities: readonly IssuingAuthority[];
  /** Recognition rules this province agrees to. */
  readonly rules: readonly RecognitionRule[];
  /** Fingerprint of the founding; a ledger with another is refused. */
  readonly networkId: Uint8Array;
  /** Folder of the built page, or none. */
  readonly pageDir: string | undefined;
  readonly tokens: TokenDigests;
  readonly sources: readonly SourceConfig[];
  readonly tls: TlsConfig | undefined;
  readonly door: DoorConfig;
  /** Milliseconds that a licence waits for company in its batch: fewer transactions against a later release. */
  readonly batchMilliseconds: number;
  /** Bytes of an import file at most. */
  readonly importMaxBytes: number;
  readonly logLevel: LogLevel;
  /** Where the authorities' keys are; none where nothing is issued. */
  readonly signer: SignerConfig | undefined;
  /** Metrics, spans, and how it ends. */
  readonly observing: ObservingConfig;
  /** Who else vouches for people. */
  readonly oidc: OidcConfig | undefined;
  /** Ends when its standard input closes: with its parent. */
  readonly attached: boolean;
  /** No licences are issued here (the regulator's gateway). */
  readonly readOnly: boolean;
  /** Where a test wants the process to die. */
  readonly fault: FaultConfig | undefined;
}

/** Environment variables, with what they mean: printed when one is wrong. */
export const SETTINGS = {
  MSP: 'MSP id of the organisation, P44 or REG',
  NAME: 'name of the gateway: text, or JSON {"zh", "en"}',
  DATA_DIR: 'folder of the database',
  PORT: 'port, 0 for a free one',
  HOST: 'address to listen on (127.0.0.1)',
  LEDGER: 'embedded or fabric (embedded)',
  LEDGER_URL: 'where the embedded ledger is',
  FABRIC_PEERS: 'fabric: JSON file [{"msp", "address", "serverName"?, "tlsRootPem", "rootPem"}]',
  GENESIS_HASH: "fabric: hash of the channel's first block, 64 hex digits",
  CHANNEL: 'channel (zhenglian)',
  IDENTITY_DIR:
    'folder with certificate.pem and key.pem; fabric: tls-certificate.pem and tls-key.pem too',
  AUTHORITIES: 'JSON file [{"uscc", "types": [code]}]; not for READ_ONLY',
  RULES: 'JSON file of the recognition rules this province agrees to (docs/ledger.md §5) (none)',
  NETWORK_ID: 'fingerprint of the network: 64 hex digits',
  PAGE_DIR: 'folder of the page (none)',
  TOKENS: `JSON file {role: [digest]}, roles: ${ROLES.join(', ')}`,
  SOURCES: 'regulator: JSON file [{"msp", "url", "tokenFile"}] (none)',
  ...DOOR_SETTINGS,
  ...STORE_SETTINGS,
  BATCH_MS: 'milliseconds that a licence waits for company in its batch, 20 to 600000 (100)',
  IMPORT_MAX_BYTES: 'bytes of an import file at most (4294967296)',
  LOG_LEVEL: `one of ${LOG_LEVELS.join(', ')} (info)`,
  ...SIGNER_SETTINGS,
  READ_ONLY: '1 = issues nothing',
  ...OBSERVING_SETTINGS,
  ...OIDC_SETTINGS,
  ...FAULT_SETTINGS,
  ATTACHED: '1 = ends when its standard input closes',
} as const;

type SettingRead = Read<keyof typeof SETTINGS>;

const typeCode = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const authoritiesFile = z.array(
  z.strictObject({ uscc: z.string().refine(isUscc), types: z.array(typeCode).min(1) }),
);
const tokensFile = z.partialRecord(z.enum(ROLES), z.array(digest));
const sourcesFile = z.array(
  z.strictObject({ msp: z.string(), url: z.url(), tokenFile: z.string() }),
);
const peersFile = z
  .array(
    z.strictObject({
      msp: z.string(),
      address: z.string().regex(/^[^\s:/]+:\d{1,5}$/),
      serverName: z.string().exactOptional(),
      tlsRootPem: z.string().includes('BEGIN CERTIFICATE'),
      rootPem: z.string().includes('BEGIN CERTIFICATE'),
    }),
  )
  .min(1);
const nameJson = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) });

/** Reads the environment. @throws CONFIG_INVALID whose `detail` lists every problem */
export function parseConfig(env: Environment): Config {
  const problems: string[] = [];
  const read = readerOf(SETTINGS, env, problems);
  const readOnly = read('READ_ONLY', parseFlag, '0');
  const attached = read('ATTACHED', parseFlag, '0') === true;
  const tls = readTls(env, read, problems);
  const door = readDoor(env, read);
  const partial = {
    msp: read('MSP', (text) => demand(text, /^[A-Z][A-Z0-9]{1,15}$/)),
    name: read('NAME', parseName),
    dataDir: read('DATA_DIR', (text) => text),
    store: parseStore(env, read, env['DATA_DIR']),
    host: read('HOST', (text) => text, '127.0.0.1'),
    port: read('PORT', parseWhole(0, 65_535)),
    ledger: parseLedger(read),
    channel: read('CHANNEL', (text) => demand(text, /^[a-z][a-z0-9.-]{0,63}$/), 'zhenglian'),
    identity: read('IDENTITY_DIR', (folder) => ({
      certificatePem: readFileSync(`${folder}/certificate.pem`, 'utf8'),
      keyPem: readFileSync(`${folder}/key.pem`, 'utf8'),
    })),
    authorities:
      readOnly === true ? [] : read('AUTHORITIES', (path) => jsonFile(path, authoritiesFile)),
    networkId: read('NETWORK_ID', parseHash),
    tokens: read('TOKENS', (path) => jsonFile(path, tokensFile)),
    batchMilliseconds: read('BATCH_MS', parseWhole(20, 600_000), '100'),
    importMaxBytes: read('IMPORT_MAX_BYTES', parseWhole(1, 999_999_999_999), '4294967296'),
    logLevel: read('LOG_LEVEL', parseLogLevel, 'info'),
    observing: parseObserving(env, problems),
  };
  const pageDir = env['PAGE_DIR'] === undefined ? undefined : read('PAGE_DIR', (text) => text);
  const optional = {
    sources: env['SOURCES'] === undefined ? [] : read('SOURCES', parseSources),
    rules: env['RULES'] === undefined ? [] : read('RULES', parseRules),
  };
  const oidc = readOidc(env, read);
  const fault = readFault(env, read);
  const signer = readOnly === true ? undefined : parseSigner(env, read, partial.dataDir);
  if (problems.length > 0 || !isComplete(partial) || !isComplete(optional) || !isComplete(door)) {
    throw gatewayError('CONFIG_INVALID', problems.join('\n'), { detail: problems });
  }
  return Object.freeze({
    ...partial,
    ...optional,
    signer,
    oidc,
    pageDir,
    tls,
    door,
    attached,
    fault,
    readOnly: readOnly === true,
  });
}

function parseLedger(read: SettingRead): LedgerConfig | undefined {
  const engine = read('LEDGER', (text) => demand(text, /^(embedded|fabric)$/), 'embedded');
  if (engine !== 'fabric') {
    const url = read('LEDGER_URL', (text) => new URL(text).origin);
    return url === undefined ? undefined : { engine: 'embedded', url };
  }
  const peers = read('FABRIC_PEERS', (path) => jsonFile(path, peersFile));
  const genesisHash = read('GENESIS_HASH', parseHash);
  const tls = read('IDENTITY_DIR', (folder) => ({
    tlsCertificatePem: readFileSync(`${folder}/tls-certificate.pem`, 'utf8'),
    tlsKeyPem: readFileSync(`${folder}/tls-key.pem`, 'utf8'),
  }));
  return peers && genesisHash && tls && { engine, peers, genesisHash, ...tls };
}

function parseSources(path: string): SourceConfig[] {
  return jsonFile(path, sourcesFile).map(({ msp, url, tokenFile }) => {
    return { msp, url, token: readFileSync(tokenFile, 'utf8').trim() };
  });
}

/** JSON, since people write it; held against the ledger's own shape. */
function parseRules(path: string): readonly RecognitionRule[] {
  return jsonFile(path, z.array(z.json())).map((rule) =>
    parseRecognitionRule(decodeCbor(encodeCbor(rule))),
  );
}

function parseName(text: string): Config['name'] {
  return text.startsWith('{') ? nameJson.parse(JSON.parse(text)) : { zh: text, en: text };
}

function parseHash(text: string): Uint8Array {
  return fromHex(demand(text, /^[0-9a-fA-F]{64}$/));
}

function parseLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((candidate) => candidate === text);
  if (level === undefined) throw new RangeError('no such level');
  return level;
}
