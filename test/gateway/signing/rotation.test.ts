// SPDX-License-Identifier: Apache-2.0
// A key gets its successor while licences are issued: nobody is refused, no index is given twice, and what either key
// signed is valid. Then the new one is burned.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { toHex } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import { ROLES } from '../../../gateway/src/accounts/principal.ts';
import type { Role } from '../../../gateway/src/accounts/principal.ts';
import { rotateKey } from '../../../gateway/src/rotate-key.ts';
import { AUDIT, TOKENS } from '../call-app.ts';
import {
  anchored,
  eventually,
  freshDriver,
  GUANGDONG,
  openTestGateway,
  startProvinces,
  temporaryFiles,
  ZHEJIANG,
} from '../support.ts';
import type { TestGateway, TestProvinces } from '../support.ts';

const ISSUERS = 4;

describe('gateway: a key gets its successor', function () {
  this.timeout(600_000);
  let provinces: TestProvinces;
  let under: TestGateway;

  before(async () => {
    provinces = await startProvinces();
    under = await openTestGateway(provinces, { batch: { size: 20, milliseconds: 20 } });
  });
  after(async () => {
    await under.stop();
    await provinces.close();
  });

  const issue = async (): Promise<string> => {
    const { status, body } = await under.call('post', '/v1/licences', {
      body: { type: 'driving', fields: freshDriver() },
    });
    expect(status, JSON.stringify(body)).to.equal(202);
    return body.id as string;
  };
  const placeOf = async (id: string) => {
    const [copy] = await under.gateway.context.desk.copies(id);
    if (copy?.place === undefined) throw new Error('it has no place');
    const { kid, epoch, index } = copy.place;
    return { kid: toHex(kid), place: `${String(epoch)}/${String(index)}` };
  };
  const verdictOf = async (id: string) => {
    const { body } = await under.call('get', `/v1/licences/${id}/code`, AUDIT);
    const answer = await under.call('post', '/v1/verifications', {
      as: 'clerk',
      headers: { 'Purpose-Code': 'counter-service' },
      body: { presentations: [body.text], act: 'general' },
    });
    return answer.body.reports[0].verdict as string;
  };

  it('while licences are issued, with neither a refusal nor an index twice', async () => {
    const first = await issue();
    await anchored(under, first);
    const { signers } = under.gateway.context;
    const old = await signers.ready(GUANGDONG);
    const ids: string[] = [first];
    let isDone = false;
    const work = async () => {
      while (!isDone) ids.push(await issue());
    };
    const issuers = Array.from({ length: ISSUERS }, work);
    const before = ids.length;
    await eventually(async () => {
      expect(ids.length).to.be.greaterThan(before + 20);
    }, 120_000);
    const next = await signers.rotate(GUANGDONG);
    const between = ids.length;
    expect(toHex(next.kid)).to.not.equal(toHex(old.kid));
    expect(await signers.ready(GUANGDONG)).to.equal(next);
    await eventually(async () => {
      expect(ids.length).to.be.greaterThan(between + 20);
    }, 120_000);
    isDone = true;
    await Promise.all(issuers);
    await eventually(async () => {
      for (const id of ids) {
        const { body } = await under.call('get', `/v1/licences/${id}`, AUDIT);
        expect(body.state).to.equal('valid');
      }
    }, 240_000);
    const placed = await Promise.all(ids.map(placeOf));
    expect(new Set(placed.map(({ place }) => place)).size).to.equal(ids.length);
    const kids = new Set(placed.map(({ kid }) => kid));
    expect(kids).to.deep.equal(new Set([old, next].map(({ kid }) => toHex(kid))));
    for (const kid of kids) {
      const id = ids[placed.findIndex((each) => each.kid === kid)] ?? '';
      expect(await verdictOf(id), kid).to.equal('VALID');
    }
    const last = ids[ids.length - 1] ?? '';
    expect((await placeOf(last)).kid).to.equal(toHex(next.kid));
  });

  it('when an administrator asks, once for each asking, and nobody else', async () => {
    const { signers } = under.gateway.context;
    const rotate = (as: Role, authority: string, headers = {}) =>
      under.call('post', '/v1/keys/rotations', { as, body: { authority }, headers });
    const before = toHex((await signers.ready(GUANGDONG)).kid);
    for (const as of ROLES.filter((role) => role !== 'administrator')) {
      const { status, body } = await rotate(as, GUANGDONG);
      expect([status, body.code], as).to.deep.equal([403, 'ROLE_DENIED']);
    }
    const nobody = await rotate('administrator', '12');
    expect([nobody.status, nobody.body.code]).to.deep.equal([400, 'REQUEST_INVALID']);
    const other = await rotate('administrator', ZHEJIANG);
    expect([other.status, other.body.code]).to.deep.equal([404, 'TYPE_NOT_ISSUED']);
    expect(toHex((await signers.ready(GUANGDONG)).kid)).to.equal(before);

    const key = { 'Idempotency-Key': 'rotation-1' };
    const { status, body } = await rotate('administrator', GUANGDONG, key);
    expect([status, body.authority]).to.deep.equal([201, GUANGDONG]);
    expect(body.kid).to.not.equal(before);
    expect((await rotate('administrator', GUANGDONG, key)).body).to.deep.equal(body);
    expect(toHex((await signers.ready(GUANGDONG)).kid)).to.equal(body.kid);
  });

  it('on command: npm run gateway -- rotate-key', async () => {
    const { signers } = under.gateway.context;
    const { port } = await under.gateway.listen();
    const folder = await temporaryFiles({
      administrator: `${TOKENS.administrator}\n`,
      officer: TOKENS.officer,
    });
    const env = (role: string) => ({
      GATEWAY_URL: `http://127.0.0.1:${String(port)}`,
      TOKEN_FILE: join(folder, role),
    });
    const line = await rotateKey([GUANGDONG], env('administrator'));
    const { kid } = await signers.ready(GUANGDONG);
    expect(line).to.equal(`${GUANGDONG} signs with ${toHex(kid)} from now on`);
    const failure = (operands: string[], settings: Record<string, string>) =>
      rotateKey(operands, settings).then(String, String);
    expect(await failure([GUANGDONG], env('officer'))).to.include('ROLE_DENIED');
    expect(await failure(['12'], env('administrator'))).to.include('CONFIG_INVALID');
    expect(await failure([GUANGDONG], {}))
      .to.include('GATEWAY_URL')
      .and.include('TOKEN_FILE');
    await rm(folder, { recursive: true });
  });

  it('and when that one is burned, another', async () => {
    const { signers, ledger, replica } = under.gateway.context;
    const burned = await signers.ready(GUANGDONG);
    const lastGood = new Map<number, number>();
    for (let epoch = 0; epoch < replica.counts().epochs; epoch += 1) {
      const held = await replica.epochEvidence(GUANGDONG, epoch);
      const covered = held?.evidence.covered ?? 0;
      if (covered > 0) lastGood.set(epoch, covered - 1);
    }
    const request = encodeCbor({ kid: burned.kid, lastGood });
    const { blockNumber } = await ledger.submit({ chaincode: 'zl', name: 'BurnKey', request });
    await replica.waitForBlock(blockNumber);
    const id = await issue();
    await anchored(under, id);
    expect((await placeOf(id)).kid).to.not.equal(toHex(burned.kid));
    expect(await verdictOf(id)).to.equal('VALID');
  });
});
