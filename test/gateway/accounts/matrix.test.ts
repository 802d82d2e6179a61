// SPDX-License-Identifier: Apache-2.0
// Every role on every route: let in exactly where the operation says so; who is refused changes nothing.
import { expect } from 'chai';
import { ROLES } from '../../../gateway/src/accounts/principal.ts';
import type { Role } from '../../../gateway/src/accounts/principal.ts';
import { OPERATIONS } from '../../../gateway/src/schemas/operations.ts';
import { TOKENS } from '../call-app.ts';
import { openOffice } from './office.ts';
import type { Office } from './office.ts';

/** Operations that touch no licence and no type, or none but what they look for; uploads are their owner's. */
const UNTOUCHING = new Set([
  ...['/v1/uploads', '/v1/uploads/:id', 'get /v1/imports', 'get /v1/erasures'],
  ...['/v1/presentation-requests', '/v1/recognitions', '/v1/ledger', '/v1/session'],
  ...['/v1/session/end', '/v1/session/password', '/v1/session/second-factor'],
  ...['/v1/session/second-factor/confirmation', '/v1/session/second-factor/removal'],
  ...['/v1/accounts', '/v1/accounts/:id/changes'],
  ...['/v1/accounts/:id/recovery', '/v1/clients', '/v1/clients/:id/disabling'],
]);
const NOBODY = '0'.repeat(32);

describe('gateway: every role on every route', function () {
  this.timeout(600_000);
  let office: Office;
  const cookies = new Map<Role, string>();
  before(async () => {
    office = await openOffice();
    for (const role of ROLES) {
      if (role === 'machine') continue;
      await office.person(`the-${role}`, [role]);
      cookies.set(role, await office.signIn(`the-${role}`));
    }
  });
  after(() => office.close());

  it('lets in whom the operation names, by token and by session alike', async () => {
    for (const { method, path, access, streams } of OPERATIONS) {
      if (access === 'open' || path === '/v1/session/end') continue;
      const address = path.replace(':id', NOBODY);
      // Nothing here is complete: whoever is let in is told so by the operation itself.
      const body = streams === undefined && method === 'post' ? [] : undefined;
      for (const role of ROLES) {
        const cookie = cookies.get(role);
        const ways = [{ token: TOKENS[role] }, ...(cookie === undefined ? [] : [{ cookie }])];
        for (const way of ways) {
          const answer = await office.send(method, address, { ...way, body });
          const isDenied = answer.status === 403 && answer.body.code === 'ROLE_DENIED';
          const name = `${method} ${path} as ${role} by ${Object.keys(way).join()}`;
          expect(isDenied, name).to.equal(!access.includes(role));
          expect(answer.status, name).to.not.equal(401);
        }
      }
    }
  });

  it('writes down each denial and nothing else', async () => {
    const { store } = office.gateway.context;
    const keys = async () => {
      const found: string[] = [];
      for await (const { key } of store.range({ prefix: '' })) found.push(key);
      return found;
    };
    const before = await keys();
    const denied = OPERATIONS.filter(({ access }) => access !== 'open').flatMap((operation) =>
      ROLES.filter((role) => !operation.access.includes(role)).map((role) => ({
        ...operation,
        role,
      })),
    );
    const told = (await office.traced('denial')).length;
    const expected = denied.map(
      ({ method, path, role }) => `ROLE_DENIED ${role} ${method} ${path}`,
    );
    for (const { method, path, role } of denied) {
      const address = path.replace(':id', NOBODY);
      await office.send(method, address, {
        token: TOKENS[role],
        headers: { 'Purpose-Code': 'audit' },
      });
    }
    const after = (await office.traced('denial')).slice(told);
    const said = after.map(
      ({ outcome, actor, detail }) =>
        `${outcome} ${actor.split('-')[0] ?? ''} ${String(detail['operation'])}`,
    );
    expect(said).to.deep.equal(expected);
    expect(new Set(after.map(({ purpose }) => purpose))).to.deep.equal(new Set(['audit']));
    const { store: reopened } = office.gateway.context;
    const now: string[] = [];
    for await (const { key } of reopened.range({ prefix: '' })) now.push(key);
    expect(now).to.deep.equal(before);
    expect((await office.admin('get', '/v1/accounts')).body.accounts).to.have.length(cookies.size);
  });

  it('has no operation on licences that does not say which', () => {
    const silent = OPERATIONS.filter(
      ({ access, touches, method, path }) =>
        access !== 'open' &&
        touches === undefined &&
        !UNTOUCHING.has(path) &&
        !UNTOUCHING.has(`${method} ${path}`),
    );
    expect(silent.map(({ path }) => path)).to.deep.equal([]);
  });
});
