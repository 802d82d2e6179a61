// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { createRecent } from '../../../gateway/src/replica/recent.ts';

describe('gateway: what was asked for last', () => {
  it('is made once, and again when it weighed too much or failed or was forgotten', async () => {
    const made: string[] = [];
    const recent = createRecent<string>(5, (value) => value.length);
    const get = (name: string, value = name) =>
      recent.get(name, () => {
        made.push(name);
        return value === 'bad' ? Promise.reject(new Error(value)) : Promise.resolve(value);
      });
    expect(await Promise.all([get('aa'), get('aa')])).to.deep.equal(['aa', 'aa']);
    await get('bb');
    await get('aa');
    await get('cc'); // six in all: bb was asked for longest ago
    await get('aa');
    expect(made).to.deep.equal(['aa', 'bb', 'cc']);
    await get('bb');
    expect(made).to.deep.equal(['aa', 'bb', 'cc', 'bb']);
    recent.forget('bb');
    await get('bb');
    expect(made.slice(4)).to.deep.equal(['bb']);
    for (let i = 0; i < 2; i += 1) {
      expect(String(await get('x', 'bad').catch((error: unknown) => error))).to.include('bad');
    }
    expect(made.slice(5)).to.deep.equal(['x', 'x']);
  });

  it('does not hold what weighs too much by itself, nor what was forgotten while it was made', async () => {
    const recent = createRecent<number>(2, (value) => value);
    let made = 0;
    const get = (value: number) => recent.get('n', () => Promise.resolve((made += 1) && value));
    await get(3);
    await get(3);
    expect(made).to.equal(2);
    const making = get(1);
    recent.forget('n');
    await making;
    await get(1);
    expect(made).to.equal(4);
  });
});
