// SPDX-License-Identifier: Apache-2.0
// Organisations that joined a network after its founding, or are about to: written down in the network's folder, so that every command knows them.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@zhenglian/core/errors';
import { isOrganisation } from '../definition.ts';
import { layoutOf, PORTS_EACH } from './layout.ts';
import type { NetworkDefinition, OrganisationDefinition } from '../definition.ts';
import type { AddedOrganisation, Layout } from './layout.ts';

/** An organisation that wants to join. */
export interface Candidate extends OrganisationDefinition {
  /** First of its ten ports; those after the last organisation's unless given. */
  readonly firstPort?: number;
}

/** Name of the file in a network's folder. */
export const ADDED = 'organisations.json';

/** The layout of the network in a folder, with whoever has joined. @throws START_FAILED */
export function openLayout(
  folder: string,
  definition: NetworkDefinition,
  firstPort: number,
): Layout {
  const joined = readAdded(folder).filter((each) => each.joined);
  return layoutOf(folder, definition, firstPort, joined);
}

/** Everybody who joined or is joining. @throws START_FAILED when the file cannot be read */
export function readAdded(folder: string): readonly AddedOrganisation[] {
  const file = join(folder, ADDED);
  if (!existsSync(file)) return [];
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (Array.isArray(value) && value.every(isAdded)) return value;
  } catch {
    // Told below.
  }
  throw new CodedError('START_FAILED', `${file} cannot be read: restore it, or reset the network`);
}

/** Writes them: a reader sees the old file or the new one. */
export function writeAdded(folder: string, added: readonly AddedOrganisation[]): void {
  const file = join(folder, ADDED);
  writeFileSync(`${file}.new`, JSON.stringify(added, null, 2));
  renameSync(`${file}.new`, file);
}

/**
 * The entry of a candidate: the one that an interrupted `add-org` wrote, or a new one.
 * @throws START_FAILED for a name, prefix or port that another organisation has, or while another one is joining
 */
export function planOrganisation(layout: Layout, candidate: Candidate): AddedOrganisation {
  const { folder, definition, firstPort } = layout;
  const added = readAdded(folder);
  const known = added.find(({ msp }) => msp === candidate.msp);
  if (known) return known;
  const unfinished = added.find(({ joined }) => !joined)?.msp;
  if (unfinished !== undefined) {
    throw failed(`${unfinished} has not finished joining: npm run fabric -- add-org ${unfinished}`);
  }
  const others = [...definition.organisations, ...added];
  requireOwnName(candidate, others);
  const firsts = [
    ...definition.organisations.map((_, i) => firstPort + i * PORTS_EACH),
    ...added.map((each) => each.firstPort),
  ];
  const first = candidate.firstPort ?? Math.max(...firsts) + PORTS_EACH;
  if (first < 1024 || first + PORTS_EACH > 65_536) {
    throw failed(`${String(first)} cannot be the first of ten ports`);
  }
  if (firsts.some((other) => Math.abs(other - first) < PORTS_EACH)) {
    throw failed(`ports from ${String(first)} on are another organisation's: choose others`);
  }
  return { ...candidate, firstPort: first, joined: false };
}

/** The entry takes its place, or its new state. */
export function recordOrganisation({ folder }: Layout, entry: AddedOrganisation): void {
  const added = readAdded(folder);
  const isKnown = added.some(({ msp }) => msp === entry.msp);
  // In their places: the order is that of consenter numbers.
  const changed = added.map((each) => (each.msp === entry.msp ? entry : each));
  writeAdded(folder, isKnown ? changed : [...added, entry]);
}

/** Forgets an organisation of which nothing is on the channel yet. */
export function forgetOrganisation({ folder }: Layout, msp: string): void {
  writeAdded(
    folder,
    readAdded(folder).filter((each) => each.msp !== msp),
  );
}

function requireOwnName(
  { msp, prefix }: Candidate,
  others: readonly OrganisationDefinition[],
): void {
  if (others.some((other) => other.msp.toLowerCase() === msp.toLowerCase())) {
    throw failed(`${msp} is a member of this network already`);
  }
  const same = others.find((other) => prefix !== undefined && other.prefix === prefix);
  if (same) throw failed(`${msp} and ${same.msp} cannot both have the prefix ${prefix ?? ''}`);
}

function isAdded(value: unknown): value is AddedOrganisation {
  if (!isOrganisation(value)) return false;
  const { firstPort, joined } = value as Partial<AddedOrganisation>;
  return Number.isSafeInteger(firstPort) && typeof joined === 'boolean';
}

function failed(message: string): CodedError<'START_FAILED'> {
  return new CodedError('START_FAILED', message);
}
