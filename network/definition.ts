// SPDX-License-Identifier: Apache-2.0
// What a network is made of, whichever engine runs it: its channel, its organisations, the numbers of its founding, who endorses what.
import { CodedError } from '@zhenglian/core/errors';

/** One organisation of the founding. */
export interface OrganisationDefinition {
  readonly msp: string;
  readonly kind: 'province' | 'regulator';
  /** GB/T 2260 prefix, two digits; provinces only. */
  readonly prefix?: string;
  readonly name: { readonly zh: string; readonly en: string };
}

/** The network as its operator writes it down; certificates are made from it. */
export interface NetworkDefinition {
  readonly channel: string;
  readonly k: number;
  readonly threshold: readonly [number, number];
  readonly testIdentities: boolean;
  readonly organisations: readonly OrganisationDefinition[];
}

/** Name of the chaincode every organisation shares. */
export const CONSORTIUM = 'zl';

/** Names of all chaincodes: the consortium's and one an organisation. */
export function chaincodeNames(msps: readonly string[]): string[] {
  return [CONSORTIUM, ...msps.map((msp) => `${CONSORTIUM}-${msp.toLowerCase()}`)];
}

/** The organisation a chaincode belongs to, or undefined for the consortium's own. @throws LEDGER_REFUSED for an unknown name */
export function chaincodeOwner(chaincode: string, msps: readonly string[]): string | undefined {
  if (chaincode === CONSORTIUM) return undefined;
  const owner = msps.find((msp) => chaincode === `${CONSORTIUM}-${msp.toLowerCase()}`);
  if (owner === undefined) throw new CodedError('LEDGER_REFUSED', `no chaincode ${chaincode}`);
  return owner;
}

/** Tells whether these organisations together satisfy a chaincode's endorsement policy (docs/ledger.md §10). */
export function isEndorsed(
  chaincode: string,
  endorsers: ReadonlySet<string>,
  msps: readonly string[],
): boolean {
  const owner = chaincodeOwner(chaincode, msps);
  const known = msps.filter((msp) => endorsers.has(msp));
  if (owner === undefined) return known.length > msps.length / 2;
  return known.includes(owner) && known.length >= 2;
}

/** Reads a definition from JSON text. @throws START_FAILED naming what is wrong */
export function parseDefinition(json: string): NetworkDefinition {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new CodedError('START_FAILED', 'the network definition is not JSON', { cause });
  }
  const definition = value as NetworkDefinition;
  const organisations: unknown = isRecord(value) ? definition.organisations : undefined;
  if (!Array.isArray(organisations) || !organisations.every(isOrganisation)) {
    throw new CodedError('START_FAILED', 'the network definition names no organisations');
  }
  const names = new Set(definition.organisations.map(({ msp }) => msp.toLowerCase()));
  if (names.size !== organisations.length || names.size < 2) {
    throw new CodedError('START_FAILED', 'a network needs two organisations of different names');
  }
  requireOwnPrefixes(definition.organisations);
  if (
    typeof definition.channel !== 'string' ||
    !/^[a-z][a-z0-9.-]{0,62}$/.test(definition.channel)
  ) {
    throw new CodedError('START_FAILED', 'the network definition names no channel');
  }
  return definition;
}

/** Tells whether a value is an organisation as a definition names it. */
export function isOrganisation(value: unknown): value is OrganisationDefinition {
  if (!isRecord(value) || !isRecord(value['name'])) return false;
  const { msp, kind, name, prefix } = value;
  return (
    typeof msp === 'string' &&
    /^[A-Z][A-Z0-9]{0,15}$/.test(msp) &&
    isKindWithPrefix(kind, prefix) &&
    typeof name['zh'] === 'string' &&
    typeof name['en'] === 'string'
  );
}

/** Names no two organisations that claim one province. @throws START_FAILED */
export function requireOwnPrefixes(organisations: readonly OrganisationDefinition[]): void {
  const owners = new Map<string, string>();
  for (const { msp, prefix } of organisations) {
    if (prefix === undefined) continue;
    const owner = owners.get(prefix);
    if (owner !== undefined) {
      const words = `${owner} and ${msp} cannot both have the prefix ${prefix}: correct the definition`;
      throw new CodedError('START_FAILED', words);
    }
    owners.set(prefix, msp);
  }
}

function isKindWithPrefix(kind: unknown, prefix: unknown): boolean {
  if (kind === 'regulator') return prefix === undefined;
  return kind === 'province' && typeof prefix === 'string' && /^\d{2}$/.test(prefix);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
