// SPDX-License-Identifier: Apache-2.0
// What the benchmark of starting relies on: a clone of the last commit, and the memory of a tree of processes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { cloneFresh, startNetwork } from '../../scripts/bench/parts/fresh-clone.ts';
import { readCpuSeconds, readProcessTree } from '../../scripts/bench/parts/process-tree.ts';
import { isOfNetwork } from '../../scripts/bench/start.ts';

const NOBODY = 2 ** 30;

describe('scripts/bench start', () => {
  it('sees a process, its children and what they hold', async function () {
    if (!existsSync('/proc/self/status')) this.skip();
    const inner = 'console.log("up");setInterval(()=>{},1000)';
    const outer = `require('child_process').spawn(process.execPath,['-e',${JSON.stringify(inner)}],{stdio:'inherit'})`;
    const child = spawn(process.execPath, ['-e', outer], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(child.stdout, 'data');
      const tree = readProcessTree(child.pid ?? 0);
      expect(tree).to.have.length(2);
      expect(tree[1]?.parent).to.equal(child.pid);
      for (const { residentBytes, shareBytes } of tree) {
        expect(residentBytes).to.be.greaterThan(10_000_000);
        expect(shareBytes).to.be.greaterThan(0).and.not.greaterThan(residentBytes);
      }
    } finally {
      for (const { pid } of readProcessTree(child.pid ?? 0)) process.kill(pid, 'SIGKILL');
    }
    expect(readProcessTree(NOBODY)).to.eql([]);
    expect(readCpuSeconds(process.pid)).to.be.greaterThan(0.1);
    expect(readCpuSeconds(NOBODY)).to.equal(0);
  });

  it('counts neither npm nor its shell as the network', () => {
    const of = (command: string) =>
      isOfNetwork({
        pid: 1,
        parent: 0,
        command,
        residentBytes: 1,
        ownBytes: 1,
        shareBytes: 1,
      });
    expect(of('npm start')).to.equal(false);
    expect(of('sh -c node scripts/bootstrap.mjs start')).to.equal(false);
    expect(of('node scripts/bootstrap.mjs start')).to.equal(true);
    expect(of('/usr/bin/node --import tsx gateway/src/main.ts')).to.equal(true);
  });

  it('clones the last commit, starts it, and says why it did not get ready', async () => {
    const clone = cloneFresh();
    try {
      expect(existsSync(join(clone.folder, 'clone', 'package-lock.json'))).to.equal(true);
      expect(existsSync(join(clone.folder, 'clone', 'node_modules'))).to.equal(false);
      expect(clone.commit).to.match(/^[0-9a-f]{7,}$/);
      const nowhere = { ...clone, folder: join(clone.folder, 'nowhere') };
      const error: unknown = await startNetwork(nowhere, clone.folder).catch((e: unknown) => e);
      expect(error).to.be.instanceOf(Error);
    } finally {
      clone.remove();
    }
    expect(existsSync(clone.folder)).to.equal(false);
  });
});
