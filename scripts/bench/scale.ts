// SPDX-License-Identifier: Apache-2.0
// npm run bench -- scale: what issuing and checking cost with ten thousand licences in the store and with many, the
// memory of the import that brings them, what they take on disk, and how long a gateway that was killed with a full
// queue takes to be ready again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createDemoClient } from '../demo-client.ts';
import { holderOf, numberedDriverFile } from '../numbered-drivers.ts';
import type { Bench, BenchRow, Must } from './main.ts';
import { folderBytes } from './parts/folder-bytes.ts';
import { importFile, postFile, untilAnchored } from './parts/import-file.ts';
import type { Imported } from './parts/import-file.ts';
import { MSP, openOffice } from './parts/office.ts';
import type { Office } from './parts/office.ts';
import { say, UsageError } from './parts/options.ts';
import { readCpuSeconds, readProcessTree } from './parts/process-tree.ts';
import { sendLoad } from './parts/spawn-load.ts';

/** What costs are held against. */
const FEW = 10_000;
/** Lines of the import that is measured. */
const SAMPLE = 20_000;
/** More than an epoch that is leased ahead has room for. */
const QUEUE = 70_000;
const SHOWN = 100;
const CHECKING_SECONDS = 8;
const STILL_MS = 5000;
const MUST = { growth: 1.2, megabytes: 400, seconds: 5 } as const;
const AIM_BYTES = 700;

/** What issuing and checking cost at one size. */
interface Costs {
  readonly issue: Imported;
  /** Microseconds of the gateway's processor a licence. */
  readonly check: number;
}

/** `--ledger embedded|fabric`, `--count N` licences in the end. */
export const bench: Bench = async ({ args }) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ledger: { type: 'string', default: 'embedded' },
      count: { type: 'string', default: '1000000' },
    },
  });
  const engine = values.ledger === 'fabric' ? 'fabric' : 'embedded';
  const count = Number(values.count);
  if (!(count > FEW + SAMPLE)) throw new UsageError(`--count is above ${String(FEW + SAMPLE)}`);
  const folder = mkdtempSync(join(tmpdir(), 'zhenglian-bench-scale-'));
  const office = await openOffice(folder, engine);
  let next = 0;
  const grow = async (until: number) => {
    const lines = until - next;
    const imported = await importFile(office, numberedDriverFile(next, until), lines);
    next = until;
    return imported;
  };
  const measure = async (): Promise<Costs> => {
    say('checking …');
    const check = await costOfChecks(office, next);
    say(`issuing ${String(SAMPLE)} …`);
    return { issue: await grow(next + SAMPLE), check };
  };
  try {
    say(`the first ${String(FEW)} licences …`);
    await grow(FEW);
    const few = await measure();
    say(`up to ${String(count)} licences …`);
    const before = folderBytes(office.dataDir);
    const whole = await grow(count);
    const bytes = (folderBytes(office.dataDir) - before) / whole.count;
    const many = await measure();
    const span = `${String(FEW)} to ${String(count)} licences`;
    const megabytes = (n: number) => n / 1e6;
    const rows = [
      row(`issue with ${String(FEW)} licences stored`, 'licences/s', rateOf(few.issue)),
      row(`issue with ${String(count)}`, 'licences/s', rateOf(many.issue)),
      row(`growth from ${span}: time to issue`, '×', rateOf(few.issue) / rateOf(many.issue), {
        atMost: MUST.growth,
      }),
      row(
        `growth from ${span}: processor of the gateway to issue`,
        '×',
        many.issue.cpuSeconds / few.issue.cpuSeconds,
        { atMost: MUST.growth },
      ),
      row(`processor of a check among 100, with ${String(FEW)} stored`, 'µs', few.check),
      row(`growth from ${span}: processor of a check`, '×', many.check / few.check, {
        atMost: MUST.growth,
      }),
      row(`an import of ${String(whole.count)} lines`, 'licences/s', rateOf(whole)),
      row('memory of the gateway meanwhile, its own, at most', 'MB', megabytes(whole.most.own), {
        atMost: MUST.megabytes,
      }),
      row('of which in the first tenth of it', 'MB', megabytes(whole.tenth.own)),
      row('the same with the files it has mapped', 'MB', megabytes(whole.most.resident)),
      row('store and replica a licence', 'bytes', bytes, { atMost: AIM_BYTES }),
      ...(engine === 'embedded' ? [await restartRow(office, next, count)] : []),
    ];
    return { rows };
  } finally {
    await office.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Checks of printed copies spread over the whole store, so many a request. */
async function costOfChecks(office: Office, stored: number): Promise<number> {
  const { network, headers } = office;
  const tokenOf = (role: string) =>
    network.tour.tokens.find((t) => t.service === MSP && t.role === role)?.token ?? '';
  const client = createDemoClient(office.url, tokenOf('officer'));
  const presentations: string[] = [];
  for (let i = 0; i < SHOWN; i += 1) {
    const id = await client.find('driving', holderOf(Math.floor((i * stored) / SHOWN)));
    presentations.push(await client.printedCode(id, 'full'));
  }
  const order = {
    url: `${office.url}/v1/verifications`,
    headers: {
      ...headers,
      authorization: `Bearer ${tokenOf('clerk')}`,
      'content-type': 'application/json',
      'purpose-code': 'counter-service',
    },
    bodies: [JSON.stringify({ presentations, act: 'general' })],
    connections: 2,
    seconds: CHECKING_SECONDS,
  };
  await sendLoad({ ...order, seconds: CHECKING_SECONDS / 2 }); // until code is compiled
  const before = readCpuSeconds(office.gatewayPid());
  const { answered } = await sendLoad(order);
  const cpuSeconds = readCpuSeconds(office.gatewayPid()) - before;
  return (1e6 * cpuSeconds) / (SHOWN * answered);
}

/** The ledger is held still while a file fills every lease; then the gateway is killed. Nothing of the file may be lost. */
async function restartRow(office: Office, from: number, stored: number): Promise<BenchRow> {
  say('filling the queue while the ledger stands still …');
  const queue = await whileLedgerStands(async () => {
    const id = await postFile(office, numberedDriverFile(from, from + QUEUE));
    const queued = await untilStill(office, id);
    office.network.processes.get(MSP)?.process.kill('SIGKILL');
    return { id, queued };
  });
  const begun = performance.now();
  await office.network.restart(MSP);
  const seconds = (performance.now() - begun) / 1000;
  say('anchoring the rest …');
  await untilAnchored(office, queue.id, QUEUE);
  const figure = `restart after kill −9 with ${String(stored)} licences and ${String(queue.queued)} queued, to ready`;
  return row(figure, 's', seconds, { atMost: MUST.seconds });
}

async function whileLedgerStands<T>(task: () => Promise<T>): Promise<T> {
  const ledger = readProcessTree(process.pid).find(({ command }) =>
    command.includes('network-embedded-main'),
  );
  if (ledger === undefined) throw new Error('the ledger is no process of this one');
  process.kill(ledger.pid, 'SIGSTOP');
  try {
    return await task();
  } finally {
    process.kill(ledger.pid, 'SIGCONT');
  }
}

/** How many lines were accepted when no more are. */
async function untilStill(office: Office, id: string): Promise<number> {
  let accepted = 0;
  for (let since = performance.now(); performance.now() - since < STILL_MS;) {
    await sleep(200);
    const now = Number((await office.call('GET', `/v1/imports/${id}`))['accepted']);
    if (now !== accepted) since = performance.now();
    accepted = now;
  }
  return accepted;
}

function rateOf({ count, seconds }: Imported): number {
  return count / seconds;
}

function row(figure: string, unit: string, value: number, must?: Must): BenchRow {
  const rounded = Number(value.toFixed(2));
  return { figure, unit, value: rounded, peers: {}, ratio: null, ...(must && { must }) };
}
