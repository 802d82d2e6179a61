// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { createClosing } from '../../gateway/src/closing.ts';

describe('gateway: what is ended', () => {
  const never = () => new Promise<void>(() => undefined);

  it('ends last opened first, and once', async () => {
    const ended: string[] = [];
    const closing = createClosing();
    for (const name of ['store', 'replica', 'door']) {
      closing.add(name, () => Promise.resolve(void ended.push(name)));
    }
    expect(await closing.close()).to.deep.equal([]);
    expect(await closing.close(10)).to.deep.equal([]);
    expect(ended).to.deep.equal(['door', 'replica', 'store']);
  });

  it('leaves behind and names what hangs or fails, and still ends the rest', async () => {
    const ended: string[] = [];
    const closing = createClosing();
    closing.add('store', () => Promise.resolve(void ended.push('store')));
    closing.add('broken', () => Promise.reject(new Error('it broke')));
    closing.add('hung', never, 20);
    closing.add('gateway', () => Promise.resolve(['anchoring']));
    expect(await closing.close(60_000)).to.deep.equal(['anchoring', 'hung', 'broken']);
    expect(ended).to.deep.equal(['store']);
  });

  it('tells every part to end although no time is left', async () => {
    const ended: string[] = [];
    const closing = createClosing();
    closing.add('store', () => Promise.resolve(void ended.push('store')));
    closing.add('hung', never);
    expect(await closing.close(0)).to.deep.equal(['hung']);
    expect(ended).to.deep.equal(['store']);
  });

  it('throws without a limit what a part threw', async () => {
    const closing = createClosing();
    closing.add('broken', () => Promise.reject(new Error('it broke')));
    expect(await closing.close().catch(String)).to.equal('Error: it broke');
  });
});
