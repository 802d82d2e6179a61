// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { expect } from 'chai';
import { OIDC_SETTINGS, readOidc } from '../../../gateway/src/config/oidc.ts';
import { readerOf } from '../../../gateway/src/config/reading.ts';
import { temporaryFiles } from '../support.ts';

const SECRET = 'a-secret-of-the-tests-only';

describe('gateway: settings of an identity provider', () => {
  let folder: string;
  const pem = (namedCurve: string) =>
    generateKeyPairSync('ec', { namedCurve })
      .privateKey.export({ format: 'pem', type: 'pkcs8' })
      .toString();

  before(async () => {
    const grant = { claim: 'groups', value: 'officers', roles: ['officer'] };
    folder = await temporaryFiles({
      secret: `${SECRET}\n`,
      short: 'short',
      'key.pem': pem('P-256'),
      'other.pem': pem('P-384'),
      'grants.json': JSON.stringify([{ ...grant, divisions: ['4401'] }]),
      'machine.json': JSON.stringify([{ ...grant, roles: ['machine'] }]),
      'division.json': JSON.stringify([{ ...grant, divisions: ['441'] }]),
      'none.json': '[]',
    });
  });

  const settings = (more: Readonly<Record<string, string | undefined>> = {}) => {
    const { secret, grants = 'grants.json', key, ...rest } = more;
    const file = (name: string) => join(folder, name);
    const env: Record<string, string | undefined> = {
      OIDC_ISSUER: 'https://id.example/realm',
      OIDC_CLIENT_ID: 'gateway-P44',
      OIDC_SECRET_FILE: file(secret ?? 'secret'),
      ...(key === undefined ? {} : { OIDC_KEY_FILE: file(key) }),
      OIDC_ORIGIN: 'https://p44.example:8443/',
      OIDC_GRANTS: file(grants),
      ...rest,
    };
    const problems: string[] = [];
    const found = readOidc(env, readerOf(OIDC_SETTINGS, env, problems));
    return { found, problems };
  };

  it('are none without an issuer', () => {
    expect(settings({ OIDC_ISSUER: undefined })).to.eql({ found: undefined, problems: [] });
  });

  it('are issuer, client, proof, origin and what claims give', () => {
    const { found, problems } = settings();
    expect(problems).to.eql([]);
    expect(found).to.deep.include({
      issuer: 'https://id.example/realm',
      proof: { secret: SECRET },
      origin: 'https://p44.example:8443',
      grants: [
        {
          ...{ claim: 'groups', value: 'officers', roles: ['officer'] },
          ...{ divisions: ['4401'], types: 'all' },
        },
      ],
    });
    expect(settings({ key: 'key.pem' }).found?.proof).to.have.property('keyPem');
    expect(settings({ OIDC_ISSUER: 'http://127.0.0.1:8080' }).problems).to.eql([]);
  });

  it('say by name what is wrong, and never a secret', () => {
    const cases = [
      [{ OIDC_ISSUER: 'http://id.example' }, 'OIDC_ISSUER'],
      [{ OIDC_ISSUER: 'id.example' }, 'OIDC_ISSUER'],
      [{ OIDC_CLIENT_ID: 'a b' }, 'OIDC_CLIENT_ID'],
      [{ OIDC_CLIENT_ID: undefined }, 'OIDC_CLIENT_ID'],
      [{ secret: 'short' }, 'OIDC_SECRET_FILE'],
      [{ secret: 'absent' }, 'OIDC_SECRET_FILE'],
      [{ key: 'other.pem' }, 'OIDC_KEY_FILE'],
      [{ key: 'secret' }, 'OIDC_KEY_FILE'],
      [{ OIDC_ORIGIN: 'http://p44.example' }, 'OIDC_ORIGIN'],
      [{ grants: 'machine.json' }, 'OIDC_GRANTS'],
      [{ grants: 'division.json' }, 'OIDC_GRANTS'],
      [{ grants: 'none.json' }, 'OIDC_GRANTS'],
    ] as const;
    for (const [more, name] of cases) {
      const { found, problems } = settings(more);
      expect(found, name).to.equal(undefined);
      expect(problems, name).to.have.length(1);
      expect(problems[0]).to.match(new RegExp(`^${name} is (?:wrong|missing): `));
      expect(problems.join()).to.not.include(SECRET);
    }
  });
});
