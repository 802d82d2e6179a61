// SPDX-License-Identifier: Apache-2.0
// The file of a signer's limits: what is taken, and that each mistake is told by its place.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { isCodedError } from '@zhenglian/core/errors';
import { memoryTable } from '../../../gateway/src/replica/memory-table.ts';
import { createDayCount } from '../../../gateway/src/signing/day-count.ts';
import { createLimits } from '../../../gateway/src/signing/limits.ts';
import { parseLimits, readLimits } from '../../../gateway/src/signing/limits-file.ts';
import { GUANGDONG, temporaryFiles } from '../support.ts';
import { licence } from './contents.ts';

const GOOD = {
  version: 1,
  networks: ['ab'.repeat(32)],
  types: { driving: 3 },
  permits: [
    {
      name: 'counter',
      division: '4401',
      authorities: [GUANGDONG],
      purposes: ['licence', 'batch'],
      types: ['driving'],
      hours: { from: '08:30', until: '18:00' },
      perDay: 20_000,
    },
    { name: 'rest' },
  ],
};

describe('gateway: the file of limits', () => {
  it('is taken when it is right', () => {
    expect(parseLimits(GOOD)).to.deep.equal(GOOD);
  });

  it('names what is wrong, and never runs without what it was to limit', async () => {
    const [permit] = GOOD.permits;
    const wrong: Readonly<Record<string, unknown>> = {
      version: { ...GOOD, version: 2 },
      permits: { ...GOOD, permits: [] },
      'permits.0.name': { ...GOOD, permits: [{ name: 'No Name' }] },
      'permits.0.purposes.0': { ...GOOD, permits: [{ ...permit, purposes: ['claim'] }] },
      'permits.0.authorities.0': { ...GOOD, permits: [{ ...permit, authorities: ['1'] }] },
      'permits.0.division': { ...GOOD, permits: [{ ...permit, division: '440' }] },
      'permits.0.hours.from': {
        ...GOOD,
        permits: [{ ...permit, hours: { from: '25:00', until: '03:00' } }],
      },
      'permits.0.hours': {
        ...GOOD,
        permits: [{ ...permit, hours: { from: '03:00', until: '03:00' } }],
      },
      'permits.0.perDay': { ...GOOD, permits: [{ ...permit, perDay: -1 }] },
      'permits.0: Unrecognized key': { ...GOOD, permits: [{ ...permit, until: 5 }] },
      'two permits of one name': { ...GOOD, permits: [{ name: 'a' }, { name: 'a' }] },
      'types has no number of business': {
        ...GOOD,
        permits: [{ ...permit, types: ['business'] }],
      },
    };
    for (const [place, content] of Object.entries(wrong)) {
      expect(() => parseLimits(content), place).to.throw(place);
    }
    const folder = await temporaryFiles({ 'limits.json': '{' });
    expect(() => readLimits(join(folder, 'limits.json'))).to.throw('CONFIG_INVALID');
    expect(() => readLimits(join(folder, 'missing.json'))).to.throw('CONFIG_INVALID');
    await rm(folder, { recursive: true });
  });

  it('means hours of Beijing, also over midnight', async () => {
    const at = (clock: string) => Date.parse(`2026-11-28T${clock}:00+08:00`) / 1000;
    const signs = async (from: string, until: string, clock: string) => {
      const permits = [{ name: 'hours', hours: { from, until } }];
      const limits = createLimits(
        parseLimits({ version: 1, permits }),
        createDayCount(memoryTable()),
        () => at(clock),
      );
      const kid = new Uint8Array(8);
      const publicKey = new Uint8Array(33);
      const key = { handle: 1, authority: GUANGDONG, publicKey, kid, createdAt: 0 };
      return limits.admit(key, [licence(1)]).then(
        () => true,
        (error: unknown) => !isCodedError<string>(error, 'SIGNER_LIMIT'),
      );
    };
    expect(await signs('08:30', '18:00', '08:30')).to.equal(true);
    expect(await signs('08:30', '18:00', '08:29')).to.equal(false);
    expect(await signs('08:30', '18:00', '18:00')).to.equal(false);
    expect(await signs('22:00', '02:00', '23:59')).to.equal(true);
    expect(await signs('22:00', '02:00', '01:59')).to.equal(true);
    expect(await signs('22:00', '02:00', '02:00')).to.equal(false);
    expect(await signs('00:00', '24:00', '23:59')).to.equal(true);
  });
});
