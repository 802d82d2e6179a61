// SPDX-License-Identifier: Apache-2.0
// One command at a time changes a network: a file in its folder names the process that does, and counts as long as that process lives.
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@zhenglian/core/errors';
import { birthOf, lives, parseBirth } from './process-birth.ts';
import type { Birth } from './process-birth.ts';

const LOCK = 'command.lock';

/** Runs a task that changes a network, while no other does. @throws DATA_DIR_LOCKED, and what the task throws */
export async function withFolderLock<T>(
  folder: string,
  pid: number,
  task: () => Promise<T>,
): Promise<T> {
  const release = lockFolder(folder, pid);
  try {
    return await task();
  } finally {
    release();
  }
}

/** Takes the lock for a process; gives what lets it go. @throws DATA_DIR_LOCKED */
export function lockFolder(folder: string, pid: number): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, LOCK);
  takeLock(folder, file, pid);
  return () => {
    rmSync(file, { force: true });
    removeIfEmpty(folder);
  };
}

/** Linked into its place whole: of two that come at once one is told, and nobody reads half of it. */
function takeLock(folder: string, file: string, pid: number): void {
  const own: Birth = { pid, born: birthOf(pid), standsIn: false };
  const draft = `${file}.${String(pid)}`;
  writeFileSync(draft, JSON.stringify(own));
  try {
    if (readHolder(file) === 'gone') removeDead(file, `${draft}.dead`);
    linkSync(draft, file);
  } catch (cause) {
    const holder = readHolder(file);
    const who = typeof holder === 'object' ? ` (pid ${String(holder.pid)})` : '';
    const words = `another command${who} works in ${folder}: wait for its end, or end it`;
    throw new CodedError('DATA_DIR_LOCKED', words, { cause });
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Somebody may have put a lock of its own in the dead one's place meanwhile: that one goes back. */
function removeDead(file: string, aside: string): void {
  renameSync(file, aside);
  try {
    if (typeof readHolder(aside) === 'object') linkSync(aside, file);
  } finally {
    rmSync(aside, { force: true });
  }
}

function readHolder(file: string): Birth | 'nobody' | 'gone' {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return 'nobody';
  }
  try {
    const birth = parseBirth(text);
    return lives(birth) ? birth : 'gone';
  } catch {
    return 'gone';
  }
}

/** Where there was no folder and no network came of it, nothing is left. */
function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It holds a network.
  }
}
