// SPDX-License-Identifier: Apache-2.0
// Which version of each package a network serves, and which one it is being upgraded to; kept in its folder beside the packages.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@zhenglian/core/errors';
import type { Layout } from './layout.ts';

/** The two packages: the consortium's `zl`, and the one every organisation's chaincode shares. */
export const PACKAGE_KINDS = ['consortium', 'organisation'] as const;
export type PackageKind = (typeof PACKAGE_KINDS)[number];

/** A version of each package. */
export type Versions = Readonly<Record<PackageKind, number>>;

/** What is served; while an upgrade is under way its hosts serve beside. */
export interface ServedVersions {
  readonly serving: Versions;
  readonly next?: Versions;
  /** MSPs that an upgrade went on without: they have yet to install and approve what is in force. */
  readonly behind?: readonly string[];
}

/** What a network is founded with. */
export const FIRST_VERSIONS: Versions = { consortium: 1, organisation: 1 };

/** Reads what a network serves. @throws START_FAILED */
export function readVersions(layout: Layout): ServedVersions {
  const file = fileOf(layout);
  if (!existsSync(file)) return { serving: FIRST_VERSIONS };
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isServed(value)) return value;
  } catch {
    // Told below.
  }
  throw new CodedError('START_FAILED', `${file} cannot be read: restore it, or reset the network`);
}

/** Writes it: a reader sees the old file or the new one. */
export function writeVersions(layout: Layout, versions: ServedVersions): void {
  const file = fileOf(layout);
  writeFileSync(`${file}.new`, JSON.stringify(versions));
  renameSync(`${file}.new`, file);
}

function fileOf({ packagesFolder }: Layout): string {
  return join(packagesFolder, 'versions.json');
}

function isServed(value: unknown): value is ServedVersions {
  if (!isRecord(value)) return false;
  const { serving, next, behind = [] } = value;
  const isEach = Array.isArray(behind) && behind.every((msp) => typeof msp === 'string');
  return isEach && isVersions(serving) && (next === undefined || isVersions(next));
}

function isVersions(value: unknown): value is Versions {
  return isRecord(value) && PACKAGE_KINDS.every((kind) => Number.isSafeInteger(value[kind]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
