// SPDX-License-Identifier: Apache-2.0
// npm run bench -- issue: a CSV file goes in by HTTP, and the clock stops when every licence of it is anchored, endorsed
// by two organisations and released. A whole network in processes of its own: ledger, gateways, load, on this machine.
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench, BenchRow, Must } from './main.ts';
import { drawProfile, profiledGateway, profileMoment } from './parts/flame-graph.ts';
import { folderBytes } from './parts/folder-bytes.ts';
import { importFile } from './parts/import-file.ts';
import { issueSingles, WARM_SINGLES } from './parts/issue-singles.ts';
import { openOffice } from './parts/office.ts';
import { say, UsageError } from './parts/options.ts';
import { DRIVING_HEADER, encodeCsv, generateDrivers } from '../samples.ts';
import type { SampleDriver } from '../samples-drivers.ts';

const WARM = 200;
const MUST = { embedded: 8000, fabric: 5000 } as const;
const MUST_P99 = 30;
const MUST_MB = 400;
const AIM_BYTES = 700;

/** `--ledger embedded|fabric`, `--count N` licences of the file, `--singles N` single requests at `--rate N` a second, `--profile FILE.svg`. */
export const bench: Bench = async ({ args }) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ledger: { type: 'string', default: 'embedded' },
      count: { type: 'string', default: '100000' },
      singles: { type: 'string', default: '2000' },
      rate: { type: 'string', default: '200' },
      profile: { type: 'string' },
    },
  });
  const engine = values.ledger === 'fabric' ? 'fabric' : 'embedded';
  const count = Number(values.count);
  const folder = mkdtempSync(join(tmpdir(), 'zhenglian-bench-'));
  const [singles, rate] = [Number(values.singles), Number(values.rate)];
  if (!(singles > 0 && rate > 0)) throw new UsageError('--singles and --rate are above 0');
  say(`making ${String(count)} drivers …`);
  const drivers = generateDrivers('bench', WARM + count + WARM_SINGLES + singles);
  const warm = writeFile(folder, 'warm.csv', drivers.slice(0, WARM));
  const file = writeFile(folder, 'drivers.csv', drivers.slice(WARM, WARM + count));
  const isProfiled = values.profile !== undefined;
  const span = { from: 0, until: 0 };
  const office = await openOffice(folder, engine, isProfiled ? profiledGateway(folder) : undefined);
  const gatewayPid = office.gatewayPid();
  try {
    await importFile(office, createReadStream(warm), WARM); // keys, leases, compiled code
    const before = folderBytes(office.dataDir);
    span.from = profileMoment();
    const imported = await importFile(office, createReadStream(file), count);
    span.until = profileMoment();
    const bytes = folderBytes(office.dataDir) - before;
    const times = await issueSingles(office, drivers.slice(WARM + count), rate);
    const rows = [
      row(
        `issue end to end on ${engine}, ${String(count)} licences`,
        'licences/s',
        Math.round(imported.count / imported.seconds),
        { atLeast: MUST[engine] },
      ),
      row('the same, seconds', 's', imported.seconds),
      row('the same, processor time of the gateway', 's', imported.cpuSeconds),
      row('memory of the gateway meanwhile, its own, at most', 'MB', imported.most.own / 1e6, {
        atMost: MUST_MB,
      }),
      row('the same with the files it has mapped', 'MB', imported.most.resident / 1e6),
      row('store and replica a licence', 'bytes', bytes / count, { atMost: AIM_BYTES }),
      row(`POST /v1/licences at ${String(rate)} a second, p50`, 'ms', times.p50),
      row(`POST /v1/licences at ${String(rate)} a second, p99`, 'ms', times.p99, {
        atMost: MUST_P99,
      }),
    ];
    return { rows };
  } finally {
    await office.close();
    if (values.profile !== undefined) {
      drawProfile(folder, gatewayPid, span, values.profile);
    }
    rmSync(folder, { recursive: true, force: true });
  }
};

function writeFile(folder: string, name: string, drivers: readonly SampleDriver[]): string {
  const file = join(folder, name);
  writeFileSync(file, encodeCsv(DRIVING_HEADER, drivers));
  return file;
}

function row(figure: string, unit: string, value: number, must?: Must): BenchRow {
  const rounded = Number(value.toFixed(2));
  return { figure, unit, value: rounded, peers: {}, ratio: null, ...(must && { must }) };
}
