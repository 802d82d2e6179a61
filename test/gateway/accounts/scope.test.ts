// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import fc from 'fast-check';
import { EVERYTHING, isUnlimited, isWithin } from '../../../gateway/src/accounts/principal.ts';
import type { Principal, Scope } from '../../../gateway/src/accounts/principal.ts';
import { requireScope } from '../../../gateway/src/accounts/require-scope.ts';
import type { Touched } from '../../../gateway/src/accounts/touched.ts';
import { GUANGDONG, issueDriving, openTestGateway, startProvinces } from '../support.ts';
import type { TestGateway, TestProvinces } from '../support.ts';

const AREA = GUANGDONG.slice(2, 8);

describe('gateway: scope of an account', () => {
  it('looks at the division of the authority and at the type', () => {
    const scope: Scope = { divisions: ['4401'], types: ['driving'] };
    const cases = [
      [{ uscc: '11440106MADEMQ100L', type: 'driving' }, true],
      [{ uscc: '11440300MADEMQ100L', type: 'driving' }, false],
      [{ uscc: '11440106MADEMQ100L', type: 'resident-id' }, false],
      [{ type: 'driving' }, true],
      [{ type: 'business' }, false],
      [{}, true],
    ] as const;
    for (const [thing, expected] of cases) expect(isWithin(scope, thing)).to.equal(expected);
    expect(isUnlimited(scope)).to.equal(false);
    expect(isUnlimited(EVERYTHING)).to.equal(true);
  });

  it('reaches no division but its own, and all that begin with it', () => {
    const digits = fc.integer({ min: 100_000, max: 999_999 }).map(String);
    fc.assert(
      fc.property(digits, digits, fc.constantFrom(2, 4, 6), (mine, theirs, length) => {
        const scope: Scope = { divisions: [mine.slice(0, length)], types: 'all' };
        const uscc = `11${theirs}MADEMQ100L`;
        expect(isWithin(scope, { uscc })).to.equal(theirs.startsWith(mine.slice(0, length)));
      }),
    );
  });

  describe('on a gateway', function () {
    this.timeout(120_000);
    let provinces: TestProvinces;
    let under: TestGateway;
    let licence: string;
    let copy: string;
    let presentation: string;

    before(async () => {
      provinces = await startProvinces();
      under = await openTestGateway(provinces);
      licence = await issueDriving(under);
      const as = { headers: { 'Purpose-Code': 'audit' } };
      const trail = await under.call('get', `/v1/trace?licence=${licence}`, {
        ...as,
        as: 'regulator',
      });
      copy = trail.body.copies[0];
      presentation = (await under.call('get', `/v1/licences/${licence}/code`, as)).body.text;
    });
    after(async () => {
      await under.stop();
      await provinces.close();
    });

    const somebody = (scope: Scope): Principal => ({
      actor: 'officer-0000000000aa',
      roles: ['officer'],
      scope,
      how: 'session',
    });
    const attempt = (scope: Scope, touched: Touched) =>
      requireScope(under.gateway.context, somebody(scope), [touched], CALL).then(
        () => 'done',
        (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
      );

    it('finds the type and division of whatever an operation touches', async () => {
      const [kid = '', epoch, index] = copy.split('-');
      const place = { kid: Buffer.from(kid, 'hex'), epoch: Number(epoch), index: Number(index) };
      const away = AREA.startsWith('4401') ? '4403' : '4401';
      const all: Touched[] = [{ licence }, { issuing: 'driving' }, { copy }];
      for (const touched of all) {
        const here: Scope = { divisions: [AREA.slice(0, 4)], types: ['driving'] };
        expect(await attempt(here, touched)).to.equal('done');
        expect(await attempt({ ...here, divisions: [away] }, touched)).to.equal('SCOPE_DENIED');
        expect(await attempt({ ...here, types: ['business'] }, touched)).to.equal('SCOPE_DENIED');
      }
      for (const shown of [{ shown: place }, { presentation }, { type: 'driving' }] as const) {
        expect(await attempt({ divisions: [away], types: ['driving'] }, shown)).to.equal('done');
        expect(await attempt({ divisions: 'all', types: ['business'] }, shown)).to.equal(
          'SCOPE_DENIED',
        );
      }
    });

    it('leaves what nobody knows to the operation', async () => {
      const scope: Scope = { divisions: ['11'], types: ['business'] };
      const none = '0'.repeat(32);
      const unknown: Touched[] = [
        { licence: none },
        { job: none },
        { copy: '0011223344556677-0-0' },
        { presentation: 'ZL1:NOTHING' },
      ];
      for (const touched of unknown) expect(await attempt(scope, touched)).to.equal('done');
    });

    it('writes a denial into the trail of the licence', async () => {
      await attempt({ divisions: 'all', types: ['business'] }, { licence });
      const [last] = (await under.gateway.context.trace.entriesOf([licence])).slice(-1);
      expect(last?.entry).to.deep.include({
        ...{ kind: 'denial', actor: 'officer-0000000000aa', outcome: 'SCOPE_DENIED' },
        ...{ subject: licence, purpose: 'audit', detail: { operation: CALL.operation } },
      });
    });
  });
});

const CALL = { operation: 'post /v1/licences/:id/status', purpose: 'audit' } as const;
