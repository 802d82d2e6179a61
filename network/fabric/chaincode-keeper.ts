// SPDX-License-Identifier: Apache-2.0
// The keeper: one small process that starts a chaincode host again when it died. Peers need no restart: they dial on the next call.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CodedError } from '@zhenglian/core/errors';
import { openPackages, startHostsOf } from './chaincode-hosts.ts';
import { readVersions } from './chaincode-versions.ts';
import { openLayout } from './added-organisations.ts';
import { parseDefinition } from '../definition.ts';
import { programArguments } from '../own-program.ts';
import { startProcess } from './processes.ts';
import type { NetworkDefinition } from '../definition.ts';
import type { Layout } from './layout.ts';

/** What a keeper is told. */
export interface Kept {
  readonly folder: string;
  readonly definition: NetworkDefinition;
  readonly firstPort: number;
}

/** Name of the keeper among a network's processes. */
export const KEEPER = 'keeper';
const MAIN = fileURLToPath(new URL('keeper/main.ts', import.meta.url));
/** A host takes about a second to load; one that dies at once is not started more often than this. */
const LOOK_MS = 3000;

/** Starts the keeper of a network unless it runs. */
export function startKeeper(layout: Layout): void {
  const { folder, definition, firstPort } = layout;
  const file = join(folder, 'keeper.json');
  const kept: Kept = { folder, definition, firstPort };
  writeFileSync(file, JSON.stringify(kept));
  startProcess(layout, {
    name: KEEPER,
    program: execPath,
    args: [...programArguments(MAIN), file],
    env: {},
  });
}

/** Reads the keeper's file. @throws START_FAILED */
export function parseKept(text: string): Kept {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Told below.
  }
  if (typeof value === 'object' && value !== null) {
    const { folder, definition, firstPort } = value as Partial<Record<keyof Kept, unknown>>;
    if (typeof folder === 'string' && Number.isSafeInteger(firstPort)) {
      const read = parseDefinition(JSON.stringify(definition));
      return { folder, definition: read, firstPort: Number(firstPort) };
    }
  }
  throw new CodedError('START_FAILED', "the keeper's file is not whole: npm run fabric -- up");
}

/** What the keeper does until its process is ended: organisations may join and packages change meanwhile. */
export async function keepHosts(file: string): Promise<never> {
  const { folder, definition, firstPort } = parseKept(readFileSync(file, 'utf8'));
  for (;;) {
    const layout = openLayout(folder, definition, firstPort);
    const { serving, next } = readVersions(layout);
    for (const versions of next ? [serving, next] : [serving]) {
      const packages = openPackages(layout, versions);
      for (const organisation of layout.organisations) startHostsOf(layout, organisation, packages);
    }
    await sleep(LOOK_MS);
  }
}
