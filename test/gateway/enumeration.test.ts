// SPDX-License-Identifier: Apache-2.0
// Nobody learns from an answer whether a number, a person or a copy is known here: what is known and out of reach, what
// was erased and what never was get the same one.
import { expect } from 'chai';
import request from 'supertest';
import type { Scope } from '../../gateway/src/accounts/principal.ts';
import { PAGE_HEADER } from '../../gateway/src/middleware/session-cookie.ts';
import { AUDIT } from './call-app.ts';
import { freshDriver, issueDriving, openTestGateway, startProvinces } from './support.ts';
import type { TestGateway, TestProvinces } from './support.ts';
import { createHolder, renewalBody } from './wallet.ts';

interface Place {
  readonly kid: Uint8Array;
  readonly epoch: number;
  readonly index: number;
}

const NOWHERE: Place = { kid: new Uint8Array(8), epoch: 0, index: 0 };

interface Issued {
  readonly fields: Readonly<Record<string, string>>;
  number: string;
  place: Place;
}

describe('gateway: numbers, people and copies cannot be tried out', function () {
  this.timeout(120_000);
  let provinces: TestProvinces;
  let under: TestGateway;
  const known: Issued = { fields: freshDriver(), number: '', place: NOWHERE };
  const erased: Issued = { fields: freshDriver(), number: '', place: NOWHERE };

  before(async () => {
    provinces = await startProvinces();
    under = await openTestGateway(provinces);
    for (const whose of [known, erased]) {
      const id = await issueDriving(under, whose.fields);
      const licence = await under.gateway.context.desk.licence(id);
      const [copy] = await under.gateway.context.desk.copies(id);
      if (copy === undefined) throw new Error('a licence has a copy');
      const { kid, epoch, index } = copy.place;
      whose.number = licence.number;
      whose.place = { kid, epoch, index };
    }
    const body = { type: 'driving', subject: subjectOf(erased), basis: 'PIPL art. 47' };
    const done = await under.call('post', '/v1/erasures', { as: 'administrator', body, ...AUDIT });
    expect(done.status).to.equal(201);
  });
  after(async () => {
    await under.stop();
    await provinces.close();
  });

  /** The search of an officer of another province's divisions. */
  const search = async (body: object) => {
    const scope: Scope = { divisions: ['33'], types: 'all' };
    const vouched = { actor: 'oidc-0123456789ab', roles: ['officer'] as const, scope };
    const id = await under.gateway.context.accounts.sessions.open(vouched);
    const answer = await request(under.gateway.app)
      .post('/v1/licences/search')
      .set({ Cookie: `zl=${id}`, [PAGE_HEADER]: '1', 'Purpose-Code': 'audit' })
      .send(body);
    return { status: answer.status, body: answer.body as unknown };
  };

  it('by an officer whose scope does not reach them: the search finds nothing, three times', async () => {
    const bodies = [
      [known.number, erased.number, `${known.number.slice(0, -1)}X`].map((number) => ({ number })),
      [subjectOf(known), subjectOf(erased), '440106198001011234'].map((subject) => ({
        type: 'driving',
        subject,
      })),
    ];
    for (const body of bodies.flat()) {
      expect(await search(body)).to.deep.equal({ status: 200, body: { licences: [] } });
    }
    const own = await under.call('post', '/v1/licences/search', {
      body: { number: known.number },
      ...AUDIT,
    });
    expect(own.body.licences, 'there is something to find').to.have.length(1);
  });

  it('by a wallet that renews a copy with a key that is not its holder', async () => {
    const never: Place = { ...known.place, index: 65_000 };
    const answers: unknown[] = [];
    for (const place of [known.place, erased.place, never, { ...never, kid: new Uint8Array(8) }]) {
      const body = renewalBody(under, place as never, createHolder(), createHolder());
      const { status, body: told } = await under.call('post', '/v1/renewals', {
        as: 'nobody',
        body,
      });
      answers.push({ status, ...told, requestId: undefined });
    }
    for (const answer of answers) expect(answer).to.deep.equal(answers[0]);
    expect(answers[0]).to.deep.include({ status: 404, code: 'COPY_UNKNOWN' });
  });
});

function subjectOf({ fields }: Issued): string {
  return fields['licenceNo'] ?? '';
}
