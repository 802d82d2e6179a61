// SPDX-License-Identifier: Apache-2.0
// The lock of builds: a folder that names its owner.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** One build at a time in this folder. */
export async function withLock(folder, say, work) {
  const lock = join(folder, 'build.lock');
  mkdirSync(folder, { recursive: true });
  for (let told = false; !takeLock(lock); told = true) {
    if (!told) say('another build is running; waiting for it …');
    await sleep(200);
  }
  try {
    await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function takeLock(lock) {
  try {
    mkdirSync(lock);
    writeFileSync(join(lock, 'pid'), String(process.pid));
    return true;
  } catch {
    if (!isHeld(lock)) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function isHeld(lock) {
  try {
    process.kill(Number(readFileSync(join(lock, 'pid'), 'utf8')) || process.pid, 0);
    return true;
  } catch (error) {
    // No pid yet: its owner is between two lines of takeLock.
    return error.code === 'ENOENT' || error.code === 'EPERM';
  }
}
