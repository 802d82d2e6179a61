// SPDX-License-Identifier: Apache-2.0
// Loaded before a program: its wall clock is off this machine's by the seconds that the file CLOCK_FILE has at the moment.
// Timers and performance.now() go on as they do on a machine whose clock is set.
import { readFileSync } from 'node:fs';
import { env } from 'node:process';

const Real = Date;
const read = () => 1000 * Number(readFileSync(env['CLOCK_FILE'] ?? '', 'utf8'));
let offset = read();
setInterval(() => (offset = read()), 20).unref();

globalThis.Date = class extends Real {
  /** @param {readonly unknown[]} given */
  constructor(...given) {
    if (given.length === 0) super(Real.now() + offset);
    else super(...given);
  }
  static now() {
    return Real.now() + offset;
  }
};
