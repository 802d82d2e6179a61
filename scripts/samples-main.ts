// SPDX-License-Identifier: Apache-2.0
// npm run samples: writes the sample CSV files. Exit code 2 for a wrong option, 1 when writing fails.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_COUNTS, generateSamples } from './samples.ts';

const HELP = `npm run samples -- [options]

Writes resident-id.csv, business.csv and driving.csv with people and businesses nobody living is
(area 999999). The same options give the same bytes.

  --seed TEXT        what to begin from (1)
  --people N         resident identity cards (${DEFAULT_COUNTS.people})
  --businesses N     business licences (${DEFAULT_COUNTS.businesses})
  --drivers N        driving licences of the adults among the people (${DEFAULT_COUNTS.drivers})
  --out FOLDER       where to write (.data/samples)
  --json             report in JSON
  --help             this text
`;

const MOST = 1_000_000;

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`samples: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = isUsageError(error) ? 2 : 1;
}

function main(argv: readonly string[]): number {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seed: { type: 'string', default: '1' },
      people: { type: 'string', default: String(DEFAULT_COUNTS.people) },
      businesses: { type: 'string', default: String(DEFAULT_COUNTS.businesses) },
      drivers: { type: 'string', default: String(DEFAULT_COUNTS.drivers) },
      out: { type: 'string', default: join('.data', 'samples') },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const counts = {
    people: readCount('--people', values.people),
    businesses: readCount('--businesses', values.businesses),
    drivers: readCount('--drivers', values.drivers),
  };
  const files = writeSamples(values.seed, counts, resolve(values.out));
  process.stdout.write(
    values.json ? `${JSON.stringify({ seed: values.seed, files })}\n` : table(files),
  );
  return 0;
}

function writeSamples(seed: string, counts: Parameters<typeof generateSamples>[1], out: string) {
  mkdirSync(out, { recursive: true });
  return generateSamples(seed, counts).map(({ name, rows, text }) => {
    const path = join(out, name);
    writeFileSync(path, text);
    const sha256 = createHash('sha256').update(text).digest('hex');
    return { path, rows, sizeBytes: Buffer.byteLength(text), sha256 };
  });
}

function table(files: ReturnType<typeof writeSamples>): string {
  return files.map(({ path, rows }) => `${String(rows).padStart(8)} lines  ${path}\n`).join('');
}

function readCount(option: string, text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count > MOST) {
    throw new RangeError(`${option} is a number from 0 to ${MOST}`);
  }
  return count;
}

function isUsageError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return error instanceof RangeError || code.startsWith('ERR_PARSE_ARGS');
}
