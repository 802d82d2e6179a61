// SPDX-License-Identifier: Apache-2.0
// npm run bench -- signer: signatures a second of the signer process over its socket, beside the same key in this
// process. Processor time does not ask what else the machine does: it is what one core carries.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { encodePayload } from '@zhenglian/core/payload';
import type { SignedContent } from '@zhenglian/core/signing';
import { openFileKeyStore } from '@zhenglian/gateway/signing/file-key-store';
import type { KeyStore } from '@zhenglian/gateway/signing/key-store';
import { openRemoteKeyStore } from '@zhenglian/gateway/signing/remote-key-store';
import { programArguments } from '@zhenglian/network/own-program';
import { say } from './parts/options.ts';
import { readCpuSeconds } from './parts/process-tree.ts';
import type { Bench, BenchRow } from './main.ts';

const MAIN = fileURLToPath(new URL('../../gateway/src/signing/main.ts', import.meta.url));
const AUTHORITY = '114401000000000199';
/** Contents of a call, as a batch of licences has them. */
const CALL = 2000;

/** Signs with both stores. `--count N` signatures each. */
export const bench: Bench = async ({ args }) => {
  const { values } = parseArgs({ args: [...args], options: { count: { type: 'string' } } });
  const count = Number(values.count ?? 40_000);
  if (!Number.isInteger(count) || count < 1) throw new RangeError('--count is a whole number');
  const folder = await mkdtemp(join(tmpdir(), 'zhenglian-bench-'));
  try {
    return { rows: [...(await benchHere(folder, count)), ...(await benchProcess(folder, count))] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

async function benchHere(folder: string, count: number): Promise<readonly BenchRow[]> {
  const store = await openFileKeyStore({
    folder: join(folder, 'here'),
    passphraseFile: join(folder, 'here.passphrase'),
    limits: undefined,
    clock: () => Math.floor(Date.now() / 1000),
    random: (length) => new Uint8Array(randomBytes(length)),
  });
  const used = () => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6;
  const rows = await measure('in the gateway', store, count, used);
  await store.close();
  return rows;
}

async function benchProcess(folder: string, count: number): Promise<readonly BenchRow[]> {
  const path = join(folder, 'signer.sock');
  const child = spawn(process.execPath, programArguments(MAIN), {
    env: {
      PATH: process.env['PATH'],
      ...{ ATTACHED: '1', LOG_LEVEL: 'silent', SIGNER_SOCKET: path },
      SIGNER_KEYS: join(folder, 'there'),
      SIGNER_PASSPHRASE_FILE: join(folder, 'there.passphrase'),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const store = await openRemoteKeyStore({ address: { kind: 'socket', path } });
  const pid = child.pid ?? 0;
  const rows = await measure('in the signer process', store, count, () => readCpuSeconds(pid));
  await store.close();
  child.kill();
  await once(child, 'exit');
  return rows;
}

async function measure(
  where: string,
  store: KeyStore,
  count: number,
  cpuSeconds: () => number,
): Promise<readonly BenchRow[]> {
  const session = await store.openSession();
  const { handle } = await session.generateKey(AUTHORITY);
  await session.sign(handle, contents(CALL));
  say(`${String(count)} signatures ${where}`);
  const [began, used] = [performance.now(), cpuSeconds()];
  for (let done = 0; done < count; done += CALL) {
    await session.sign(handle, contents(Math.min(CALL, count - done)));
  }
  const seconds = (performance.now() - began) / 1000;
  const row = (figure: string, each: number): BenchRow => {
    return {
      figure: `${figure} ${where}`,
      unit: '1/s',
      value: count / each,
      peers: {},
      ratio: null,
    };
  };
  const processor = cpuSeconds() - used;
  return [row('signatures', seconds), row('signatures a second of processor', processor)];
}

function contents(count: number): readonly SignedContent[] {
  const networkId = new Uint8Array(32).fill(7);
  return Array.from({ length: count }, (_, index) => {
    const days = { firstDay: 20_000, lastDay: 23_650, epoch: 1, index };
    const root = { fieldRoot: new Uint8Array(randomBytes(32)), extensions: new Map() };
    const payload = encodePayload({
      typeNumber: 3,
      typeVersion: 1,
      holderKey: null,
      ...days,
      ...root,
    });
    return { purpose: 'licence', networkId, payload };
  });
}
