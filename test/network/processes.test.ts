// SPDX-License-Identifier: Apache-2.0
// Processes by name: only what is written down whole is believed, a stranger at a port is not taken for one of ours, stand-ins of a drill are
// ended; and one command at a time in a folder.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { withFolderLock } from '../../network/fabric/folder-lock.ts';
import { layoutOf } from '../../network/fabric/layout.ts';
import { parseBirth } from '../../network/fabric/process-birth.ts';
import {
  awaitHealth,
  awaitPort,
  endStandIns,
  listProcesses,
  processState,
  requireFreePorts,
  startProcess,
  stopProcess,
} from '../../network/fabric/processes.ts';
import { networkDefinition, readConsortium } from '../../scripts/consortium.ts';
import { refused } from '../support/ledger-outcomes.ts';
import type { Layout } from '../../network/fabric/layout.ts';

const WAITS = ['-e', 'setInterval(() => undefined, 1000)'];

describe('fabric: processes', () => {
  let layout: Layout;

  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), 'zhenglian processes '));
    layout = layoutOf(folder, networkDefinition(readConsortium()), 20_000);
  });
  afterEach(async () => {
    for (const { name } of listProcesses(layout)) await stopProcess(layout, name);
    rmSync(layout.folder, { recursive: true, force: true });
  });

  const start = (name: string, options: { standsIn?: boolean; args?: string[] } = {}) =>
    startProcess(layout, {
      ...{ name, program: process.execPath, args: WAITS, env: {}, ...options },
    });

  it('of what a drill left behind only the stand-ins are ended', async () => {
    start('peer-P44');
    start('host-P33-province', { standsIn: true });
    startProcess(layout, {
      ...{ name: 'orderer-P33', program: process.execPath, args: WAITS, env: {} },
      through: ['/usr/bin/env'],
    });
    expect((await endStandIns(layout)).sort()).to.eql(['host-P33-province', 'orderer-P33']);
    expect(listProcesses(layout).map(({ name, alive }) => [name, alive])).to.eql([
      ['peer-P44', true],
    ]);
  });

  it('START_FAILED: a stranger answers at the port of a process that has ended', async () => {
    const stranger = createServer((_, response) => response.end('OK')).listen(0, '127.0.0.1');
    await new Promise((done) => stranger.once('listening', done));
    const address = stranger.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    for (const wait of [awaitHealth, awaitPort]) {
      start('peer-P44', { args: ['-e', 'process.exit(1)'] });
      while (processState(layout, 'peer-P44')?.alive) await new Promise((r) => setTimeout(r, 10));
      await refused(wait(layout, 'peer-P44', port), 'START_FAILED');
    }
    stranger.close();
  });

  it('PORT_IN_USE: says so of a port that the system may have given to a connection', async () => {
    const stranger = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => stranger.once('listening', done));
    const address = stranger.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const said = await requireFreePorts([port]).then(() => 'free', String);
    expect(said).to.match(/PORT_IN_USE: port \d+ is in use; .*begin lower/);
    stranger.close();
  });

  it('a file that names no process is not believed', () => {
    const good = { pid: 4711, born: '12', standsIn: true };
    expect(parseBirth(JSON.stringify(good))).to.eql(good);
    expect(parseBirth('{"pid":4711,"born":"12"}').standsIn).to.equal(false);
    const bad = ['', 'null', '7', '{}', '{"pid":4711}', '{"pid":"4711","born":"12"}'];
    for (const text of [...bad, ...[-1, 0, 1, 1.5].map((pid) => `{"pid":${pid},"born":"1"}`)]) {
      expect(() => parseBirth(text), text).to.throw(SyntaxError);
    }
    mkdirSync(layout.processesFolder, { recursive: true });
    writeFileSync(join(layout.processesFolder, 'peer-P44.json'), '{"pid":-1,"born":""}');
    expect(processState(layout, 'peer-P44')).to.equal(undefined);
  });

  it('DATA_DIR_LOCKED while another command works; a dead one holds nothing', async () => {
    const { folder } = layout;
    const result = await withFolderLock(folder, process.pid, async () => {
      await refused(
        withFolderLock(folder, process.pid, () => Promise.resolve()),
        'DATA_DIR_LOCKED',
      );
      return 'done';
    });
    expect(result).to.equal('done');
    expect(existsSync(folder)).to.equal(false); // nothing came of it
    mkdirSync(folder);
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    for (const left of [JSON.stringify({ pid, born: '1' }), '{"pi', '']) {
      writeFileSync(join(folder, 'command.lock'), left);
      writeFileSync(join(folder, 'network.json'), '');
      await withFolderLock(folder, process.pid, () => Promise.resolve());
      expect(readdirSync(folder)).to.eql(['network.json']);
    }
  });
});
