// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { toHex } from '@zhenglian/core/bytes';
import { isCodedError } from '@zhenglian/core/errors';
import { parseConfig, SETTINGS } from '../../gateway/src/config.ts';
import { FAULT_POINTS } from '../../gateway/src/fault-points.ts';
import { createToken, principalOfToken, tokenDigest } from '../../gateway/src/tokens.ts';
import { GUANGDONG, temporaryFiles } from './support.ts';

describe('gateway: settings and tokens', () => {
  let folder: string;
  let good: Record<string, string>;

  before(async () => {
    folder = await temporaryFiles({
      'identity/certificate.pem': 'certificate',
      'identity/key.pem': 'key',
      'authorities.json': JSON.stringify([{ uscc: GUANGDONG, types: ['driving'] }]),
      'tokens.json': JSON.stringify({ officer: [tokenDigest('zlt_a')] }),
      'sources.json': JSON.stringify([
        { msp: 'P44', url: 'http://127.0.0.1:1', tokenFile: 'TOKEN_FILE' },
      ]).replace('TOKEN_FILE', '/dev/null'),
    });
    good = {
      MSP: 'P44',
      NAME: '{"zh":"广东","en":"Guangdong"}',
      DATA_DIR: join(folder, 'data'),
      PORT: '0',
      LEDGER_URL: 'http://127.0.0.1:7000',
      IDENTITY_DIR: join(folder, 'identity'),
      AUTHORITIES: join(folder, 'authorities.json'),
      NETWORK_ID: 'ab'.repeat(32),
      TOKENS: join(folder, 'tokens.json'),
    };
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const problemsOf = (env: Record<string, string | undefined>): readonly string[] => {
    try {
      parseConfig(env);
    } catch (error) {
      if (isCodedError<string>(error, 'CONFIG_INVALID')) return error.detail as string[];
      throw error;
    }
    return [];
  };

  it('wants for Fabric its peers, its member and the hash of the first block', async () => {
    const rootPem = 'BEGIN CERTIFICATE';
    const peers = [{ msp: 'P44', address: 'localhost:7051', tlsRootPem: rootPem, rootPem }];
    const files = await temporaryFiles({
      ...{ 'certificate.pem': 'c', 'key.pem': 'k' },
      ...{ 'tls-certificate.pem': 'tls', 'tls-key.pem': 'tls key' },
      'peers.json': JSON.stringify(peers),
    });
    const member = { IDENTITY_DIR: files, FABRIC_PEERS: join(files, 'peers.json') };
    const env = { ...good, LEDGER: 'fabric', LEDGER_URL: undefined, ...member };
    const GENESIS_HASH = 'cd'.repeat(32);
    const { ledger } = parseConfig({ ...env, GENESIS_HASH });
    expect(ledger).to.deep.include({ engine: 'fabric', peers, tlsKeyPem: 'tls key' });
    expect(ledger.engine === 'fabric' && toHex(ledger.genesisHash)).to.equal(GENESIS_HASH);
    expect(problemsOf(env)).to.eql([`GENESIS_HASH is missing: ${SETTINGS.GENESIS_HASH}`]);
    expect(problemsOf({ ...env, GENESIS_HASH: 'cd' })).to.eql([
      `GENESIS_HASH is wrong: ${SETTINGS.GENESIS_HASH}`,
    ]);
    await rm(files, { recursive: true, force: true });
  });

  it('reads a whole environment into a frozen record', () => {
    const config = parseConfig({
      ...good,
      SOURCES: join(folder, 'sources.json'),
      LOG_LEVEL: 'warn',
      BATCH_MS: '2000',
    });
    expect(config.msp).to.equal('P44');
    expect(config.name).to.deep.equal({ zh: '广东', en: 'Guangdong' });
    expect(toHex(config.networkId)).to.equal(good['NETWORK_ID']);
    expect(config.batchMilliseconds).to.equal(2000);
    expect(parseConfig(good).batchMilliseconds).to.equal(100);
    expect(config.tokens.clerk).to.equal(undefined);
    expect(config.sources[0]?.msp).to.equal('P44');
    expect([config.host, config.channel, config.readOnly]).to.deep.equal([
      '127.0.0.1',
      'zhenglian',
      false,
    ]);
    expect(Object.isFrozen(config)).to.equal(true);
  });

  it('reports every problem at once, by name and without the value', () => {
    const secret = 'sécret';
    const problems = problemsOf({ MSP: secret, PORT: '70000', LOG_LEVEL: 'loud', TLS_CERT: '/x' });
    const named = ['MSP', 'NAME', 'DATA_DIR', 'PORT', 'LEDGER_URL', 'IDENTITY_DIR', 'TOKENS'];
    for (const name of [...named, 'AUTHORITIES', 'NETWORK_ID', 'LOG_LEVEL', 'TLS_CERT']) {
      expect(
        problems.some((p) => p.startsWith(name)),
        name,
      ).to.equal(true);
    }
    expect(problems.join()).to.not.include(secret);
  });

  it('refuses each wrong value', () => {
    const wrong = {
      NETWORK_ID: 'ab',
      LEDGER_URL: 'nowhere',
      PORT: '-1',
      READ_ONLY: 'yes',
      BATCH_MS: '5',
      TOKENS: join(folder, 'authorities.json'),
      AUTHORITIES: join(folder, 'tokens.json'),
      IDENTITY_DIR: folder,
      SOURCES: join(folder, 'tokens.json'),
    };
    for (const [name, value] of Object.entries(wrong)) {
      expect(problemsOf({ ...good, [name]: value }), name).to.have.length(1);
    }
    expect(Object.keys(SETTINGS)).to.include.members(Object.keys(good));
  });

  it('knows where a test wants it to die, and refuses a point that is none', () => {
    expect(parseConfig(good).fault).to.equal(undefined);
    for (const name of FAULT_POINTS) {
      const once = parseConfig({ ...good, FAULT_POINT: name }).fault;
      const thrice = parseConfig({ ...good, FAULT_POINT: `${name}:3` }).fault;
      expect([once, thrice]).to.eql([
        { name, times: 1 },
        { name, times: 3 },
      ]);
    }
    for (const wrong of ['', 'stord', 'stored:', 'stored:0', 'stored:x', 'stored:1:1']) {
      const [problem = '', ...others] = problemsOf({ ...good, FAULT_POINT: wrong });
      expect([problem.split(' ')[0], others], wrong).to.eql(['FAULT_POINT', []]);
    }
  });

  it('needs no authorities when nothing is issued', () => {
    const rest = Object.entries(good).filter(([name]) => name !== 'AUTHORITIES');
    expect(parseConfig({ ...Object.fromEntries(rest), READ_ONLY: '1' }).authorities).to.deep.equal(
      [],
    );
  });

  it('binds a token to one role and keeps its digest only', () => {
    const { token, digest } = createToken((length) => new Uint8Array(randomBytes(length)));
    expect(token).to.match(/^zlt_[0-9a-f]{64}$/);
    expect(digest).to.not.include(token.slice(4, 12));
    const tokens = { officer: [], clerk: [digest], regulator: [] };
    expect(principalOfToken(tokens, token)?.roles).to.deep.equal(['clerk']);
    expect(principalOfToken(tokens, `${token}0`)).to.equal(undefined);
    expect(principalOfToken(tokens, digest)).to.equal(undefined);
  });
});
