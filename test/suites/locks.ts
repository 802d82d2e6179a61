// SPDX-License-Identifier: Apache-2.0
// What locks do (gateway/src/locks.ts), within a process and, where `other` opens a second one's, between processes.
import { expect } from 'chai';
import type { Locks } from '../../gateway/src/locks.ts';

/** Declares the behaviour. `other`: locks of another process on the same names. */
export function describeLocks(open: () => Promise<Locks>, other?: () => Promise<Locks>): void {
  let mine: Locks;
  let theirs: Locks;
  beforeEach(async () => {
    mine = await open();
    theirs = other === undefined ? mine : await other();
  });
  afterEach(async () => {
    await mine.close();
    if (theirs !== mine) await theirs.close();
  });

  const gate = () => {
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    return { opened, open };
  };

  it('runs one task a name at a time, in order within a process, and survives failures', async () => {
    const seen: string[] = [];
    const task = (name: string) => async () => {
      seen.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      seen.push(`${name} ends`);
      if (name === 'b') throw new Error('b fails');
      return name;
    };
    const results = await Promise.allSettled(['a', 'b', 'c'].map((n) => mine.hold('x', task(n))));
    expect(results.map(({ status }) => status)).to.eql(['fulfilled', 'rejected', 'fulfilled']);
    expect(seen).to.eql(['a', 'b', 'c'].flatMap((n) => [`${n} begins`, `${n} ends`]));
  });

  it('never runs two tasks of one name at once, and lets other names pass', async () => {
    let inside = 0;
    let done = 0;
    const task = async () => {
      inside += 1;
      expect(inside).to.equal(1);
      await mine.hold('another', () => Promise.resolve());
      inside -= 1;
      done += 1;
    };
    await Promise.all(
      Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? mine : theirs).hold('x', task)),
    );
    expect(done).to.equal(30);
  });

  it('tells at once that a name is taken, and runs the task when it is free', async () => {
    const { opened, open: release } = gate();
    const begun = gate();
    const holding = mine.hold('x', async () => {
      begun.open();
      await opened;
    });
    await begun.opened;
    expect(await theirs.ifFree('x', () => Promise.resolve('ran'))).to.equal(undefined);
    release();
    await holding;
    expect(await theirs.ifFree('x', () => Promise.resolve('ran'))).to.equal('ran');
    expect(await mine.ifFree('x', () => Promise.resolve('ran'))).to.equal('ran');
  });

  it('keeps a name until it is closed', async () => {
    expect(await mine.keep('instance/a')).to.equal(true);
    expect(await theirs.ifFree('instance/a', () => Promise.resolve('ran'))).to.equal(undefined);
    expect(await theirs.ifFree('instance/b', () => Promise.resolve('ran'))).to.equal('ran');
    expect(mine.troubles()).to.eql([]);
    if (theirs === mine) return;
    await mine.close();
    expect(await theirs.keep('instance/a')).to.equal(true);
    mine = theirs;
  });
}
