// SPDX-License-Identifier: Apache-2.0
// Settings of the HTTP door: certificate, connections, proxies, rates (docs/operations.md, "The door").
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { parseProxies } from '../http/proxies.ts';
import { demand, parseWhole } from './reading.ts';
import type { Environment, Read } from './reading.ts';

/** So many requests in so many seconds; all of them may come at once. */
export interface Rate {
  readonly requests: number;
  readonly seconds: number;
}

/** What the door lets in. */
export interface DoorConfig {
  /** Connections at most; beyond, the one idle longest gives way. */
  readonly connections: number;
  /** Of one address, which trusted proxies may exceed. */
  readonly connectionsPerAddress: number;
  /** Addresses and networks whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** Of one account. */
  readonly accountRate: Rate;
  /** Of one address that shows no account. */
  readonly addressRate: Rate;
}

/** The certificate chain and key for HTTPS, and the files they are read from again when they change. */
export interface TlsConfig {
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** Environment variables, with what they mean. */
export const DOOR_SETTINGS = {
  TLS_CERT: 'PEM certificate chain for HTTPS (none)',
  TLS_KEY: 'PEM key for HTTPS, of the certificate in TLS_CERT (none)',
  CONNECTIONS: 'connections at most, 10 to 1000000 (10000)',
  CONNECTIONS_PER_ADDRESS: 'connections of one address at most, 1 to 1000000 (1000)',
  TRUSTED_PROXIES: 'addresses and networks (CIDR) whose X-Forwarded-For counts, by commas (none)',
  RATE_ACCOUNT: 'requests/seconds of one account (300000/60)',
  RATE_ADDRESS: 'requests/seconds of one address without an account (6000/60)',
} as const;

type DoorRead = Read<keyof typeof DOOR_SETTINGS>;

/** Reads the door's settings; what is missing or wrong was noted and is undefined. */
export function readDoor(
  env: Environment,
  read: DoorRead,
): { readonly [K in keyof DoorConfig]: DoorConfig[K] | undefined } {
  const proxies = env['TRUSTED_PROXIES'] === undefined ? [] : read('TRUSTED_PROXIES', splitProxies);
  return {
    connections: read('CONNECTIONS', parseWhole(10, 1_000_000), '10000'),
    connectionsPerAddress: read('CONNECTIONS_PER_ADDRESS', parseWhole(1, 1_000_000), '1000'),
    trustedProxies: proxies,
    accountRate: read('RATE_ACCOUNT', parseRate, '300000/60'),
    addressRate: read('RATE_ADDRESS', parseRate, '6000/60'),
  };
}

/** Reads certificate and key; undefined without them. */
export function readTls(
  env: Environment,
  read: DoorRead,
  problems: string[],
): TlsConfig | undefined {
  const { TLS_CERT: certificatePath, TLS_KEY: keyPath } = env;
  if (certificatePath === undefined && keyPath === undefined) return undefined;
  if (certificatePath === undefined || keyPath === undefined) {
    problems.push('TLS_CERT and TLS_KEY go together');
  }
  const certificatePem = read('TLS_CERT', (path) => readFileSync(path, 'utf8'));
  const keyPem = read('TLS_KEY', (path) => {
    const key = readFileSync(path, 'utf8');
    if (certificatePem !== undefined) createSecureContext({ cert: certificatePem, key });
    return key;
  });
  if (certificatePath === undefined || keyPath === undefined) return undefined;
  return certificatePem === undefined || keyPem === undefined
    ? undefined
    : { certificatePath, keyPath, certificatePem, keyPem };
}

function splitProxies(text: string): readonly string[] {
  const proxies = text.split(',').map((each) => each.trim());
  parseProxies(proxies);
  return proxies;
}

function parseRate(text: string): Rate {
  const [requests = '', seconds = ''] = demand(text, /^\d+\/\d+$/).split('/');
  return {
    requests: parseWhole(1, 1_000_000_000)(requests),
    seconds: parseWhole(1, 86_400)(seconds),
  };
}
