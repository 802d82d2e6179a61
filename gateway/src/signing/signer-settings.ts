// SPDX-License-Identifier: Apache-2.0
// Settings of where keys are: of a gateway that has them or asks a signer process, and of that process. Names and
// meanings are the same in both (docs/signer.md §2).
import { readFileSync } from 'node:fs';
import { demand, parseWhole } from '../config/reading.ts';
import type { Environment, Read } from '../config/reading.ts';
import { readLimits } from './limits-file.ts';
import type { Limits } from './limits-file.ts';
import type { SignerAddress, SignerTls } from './signer-address.ts';

/** A folder of keys, as whoever has it opens it. */
export interface KeyFolder {
  readonly folder: string;
  readonly passphraseFile: string;
  readonly limits: Limits | undefined;
}

/** Where a gateway's keys are. */
export type SignerConfig =
  | ({ readonly kind: 'file' } & KeyFolder)
  | { readonly kind: 'remote'; readonly address: SignerAddress };

export const SIGNER_SETTINGS = {
  SIGNER: 'file: keys are files of this gateway; remote: a signer process has them (file)',
  SIGNER_KEYS: 'folder of the key files (DATA_DIR/keys)',
  SIGNER_PASSPHRASE_FILE:
    'file with the passphrase of the key files, mode 0600; made when there are no keys yet (DATA_DIR/keys.passphrase)',
  SIGNER_LIMITS: 'JSON file of what may be signed (docs/signer.md §4) (no limits)',
  SIGNER_SOCKET: 'remote: path of the signer process’s socket, or host:port with SIGNER_TLS_*',
  SIGNER_TLS_CERT: 'PEM certificate of this side of host:port',
  SIGNER_TLS_KEY: 'PEM key of this side of host:port',
  SIGNER_TLS_CA: 'PEM certificate of who certifies the other side of host:port',
} as const;

type SignerRead = Read<keyof typeof SIGNER_SETTINGS>;

/** The settings of a gateway. */
export function parseSigner(
  env: Environment,
  read: SignerRead,
  dataDir: string | undefined,
): SignerConfig | undefined {
  const kind = read('SIGNER', (text) => demand(text, /^(file|remote)$/), 'file');
  if (kind === 'remote') {
    const address = parseAddress(read);
    return address && { kind, address };
  }
  const folder = parseFolder(env, read, dataDir);
  return folder && { kind: 'file', ...folder };
}

/** A folder of keys, by default beside a gateway's database. */
export function parseFolder(
  env: Environment,
  read: SignerRead,
  dataDir: string | undefined,
): KeyFolder | undefined {
  const beside = (name: string) => (dataDir === undefined ? undefined : `${dataDir}/${name}`);
  const folder = read('SIGNER_KEYS', (text) => text, beside('keys'));
  const passphraseFile = read('SIGNER_PASSPHRASE_FILE', (text) => text, beside('keys.passphrase'));
  const isLimited = env['SIGNER_LIMITS'] !== undefined;
  const limits = isLimited ? read('SIGNER_LIMITS', readLimits) : undefined;
  if (folder === undefined || passphraseFile === undefined) return undefined;
  return isLimited && limits === undefined ? undefined : { folder, passphraseFile, limits };
}

/** A path, or host:port with certificates. */
export function parseAddress(read: SignerRead): SignerAddress | undefined {
  const place = read('SIGNER_SOCKET', parsePlace);
  if (place === undefined || place.kind === 'socket') return place;
  const tls = parseTls(read);
  return tls && { ...place, tls };
}

type Place =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** A Unix socket's path has 107 bytes at most. */
function parsePlace(text: string): Place {
  const [, host, port] = /^([A-Za-z0-9.-]+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || port === undefined) {
    return { kind: 'socket', path: demand(text, /^.{1,107}$/) };
  }
  return { kind: 'tcp', host, port: parseWhole(0, 65_535)(port) };
}

function parseTls(read: SignerRead): SignerTls | undefined {
  const pem = (path: string) => readFileSync(path, 'utf8');
  const certificatePem = read('SIGNER_TLS_CERT', pem);
  const keyPem = read('SIGNER_TLS_KEY', pem);
  const authorityPem = read('SIGNER_TLS_CA', pem);
  if (certificatePem === undefined || keyPem === undefined || authorityPem === undefined) {
    return undefined;
  }
  return { certificatePem, keyPem, authorityPem };
}
