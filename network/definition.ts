// SPDX-License-Identifier: Apache-2.0
// What a network is made of, whichever engine runs it: its channel, its organisations, the numbers of its founding, who endorses what.
import { faultsBorne } from '@zhenglian/core/cosigned-answer';
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

/** Who must endorse a chaincode's transactions: a majority, or its owner and one of the others. */
export type EndorsementRule =
  | { readonly kind: 'majority' }
  | { readonly kind: 'owner'; readonly owner: string; readonly others: readonly string[] };

/** The endorsement policy of a chaincode (docs/ledger.md §10, docs/decisions/0025): no file says another. @throws LEDGER_REFUSED for an unknown name */
export function endorsementRule(chaincode: string, msps: readonly string[]): EndorsementRule {
  const owner = chaincodeOwner(chaincode, msps);
  if (owner === undefined) return { kind: 'majority' };
  return { kind: 'owner', owner, others: msps.filter((msp) => msp !== owner) };
}

/** Tells whether these organisations together satisfy a chaincode's endorsement policy. @throws LEDGER_REFUSED for an unknown name */
export function isEndorsed(
  chaincode: string,
  endorsers: ReadonlySet<string>,
  msps: readonly string[],
): boolean {
  const rule = endorsementRule(chaincode, msps);
  const known = msps.filter((msp) => endorsers.has(msp));
  if (rule.kind === 'majority') return known.length > msps.length / 2;
  return known.includes(rule.owner) && rule.others.some((msp) => known.includes(msp));
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
  requireFoundable(definition);
  if (
    typeof definition.channel !== 'string' ||
    !/^[a-z][a-z0-9.-]{0,62}$/.test(definition.channel)
  ) {
    throw new CodedError('START_FAILED', 'the network definition names no channel');
  }
  return definition;
}

/** What the contract demands of a founding (docs/ledger.md §3), asked before anything is started. @throws START_FAILED */
function requireFoundable({ k, threshold, organisations }: NetworkDefinition): void {
  const n = organisations.length;
  const least = Math.max(2, faultsBorne(n) + 1);
  if (!Number.isSafeInteger(k) || k < least || k > n) {
    const words = `k must be a whole number from ${String(least)} (more than may lie) to ${String(n)} (all organisations)`;
    throw new CodedError('START_FAILED', words);
  }
  if (!isFraction(threshold) || 2 * threshold[0] <= threshold[1] || threshold[0] > threshold[1]) {
    const words =
      'threshold must be a fraction over one half and at most one, as [2, 3], of whole numbers up to 1000';
    throw new CodedError('START_FAILED', words);
  }
  if (!organisations.some(({ kind }) => kind === 'province')) {
    throw new CodedError('START_FAILED', 'a network needs a province');
  }
}

function isFraction(value: unknown): value is readonly [number, number] {
  const isPart = (part: unknown) => Number.isSafeInteger(part) && Number(part) >= 1;
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((part) => isPart(part) && Number(part) <= 1000)
  );
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
