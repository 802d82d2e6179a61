// SPDX-License-Identifier: Apache-2.0
// The wallet's process: the only place that knows of it. Everything below takes what it needs as arguments.
import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './run.ts';
import { createTerminal } from './terminal.ts';

// LevelDB makes its files with the mode the process allows: the owner alone.
process.umask(0o077);
process.exitCode = await run(process.argv.slice(2), {
  terminal: createTerminal(process.stdin, process.stdout, process.stderr),
  environment: process.env,
  home: homedir(),
  clock: () => Math.floor(Date.now() / 1000),
  random: (length) => new Uint8Array(randomBytes(length)),
  sleep: (seconds) => sleep(seconds * 1000),
});
