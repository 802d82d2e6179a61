// SPDX-License-Identifier: Apache-2.0
// Installs the libraries of others on demand. They stand outside the workspaces with a lock file of their own.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { say } from '../parts/options.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const STAMP = join(FOLDER, 'node_modules', '.zhenglian-stamp');

/** Installs the peers unless they are what the lock file says; false, and a line about it, when that cannot be. */
export function installPeers(): boolean {
  if (arePeersInstalled()) return true;
  say('installing the libraries of others into scripts/bench/peers (npm ci) …');
  const npm = process.env.npm_execpath;
  const how = ['ci', '--prefix', FOLDER, '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...how], { cwd: FOLDER, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', how, { cwd: FOLDER, stdio: ['ignore', 2, 2] });
  if (status === 0) {
    writeFileSync(STAMP, lockHash());
    return true;
  }
  say('the libraries of others cannot be installed: their figures are left out.');
  return false;
}

/** Tells whether they are there. */
export function arePeersInstalled(): boolean {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lockHash();
}

/** Loads an installed peer, of which nothing is known yet: it is looked for beside this file. */
export async function loadPeer(name: string): Promise<unknown> {
  const loaded: unknown = await import(name);
  return loaded;
}

function lockHash(): string {
  return createHash('sha256')
    .update(readFileSync(join(FOLDER, 'package-lock.json')))
    .digest('hex');
}
