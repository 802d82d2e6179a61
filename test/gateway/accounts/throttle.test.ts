// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { isCodedError } from '@zhenglian/core/errors';
import { openPasswords } from '../../../gateway/src/accounts/passwords.ts';
import { createThrottle, waitAfter } from '../../../gateway/src/accounts/throttle.ts';
import { memoryTable } from '../../../gateway/src/replica/memory-table.ts';
import { createKeyring } from '../../../gateway/src/store/keyring.ts';
import { createVault } from '../../../gateway/src/store/vault.ts';

describe('gateway: slowing who guesses', function () {
  this.timeout(120_000);
  const vault = createVault(createKeyring());
  let now = 1_800_000_000;
  const throttle = createThrottle(memoryTable(), vault, () => now);
  const at = (address: string, name = 'wang.fang') => ({ name, address });
  const isFree = (address: string, name?: string) =>
    throttle.check(at(address, name)).then(
      () => true,
      () => false,
    );

  it('waits longer each time, a quarter of an hour at most', () => {
    expect([0, 4, 5, 6, 9, 14, 1000].map(waitAfter)).to.deep.equal([0, 0, 2, 4, 32, 900, 900]);
  });

  it('takes the addresses of one network for one', async () => {
    for (let i = 1; i < 7; i += 1) await throttle.failed(at(`2001:db8::${i}`, 'sun.hao'));
    expect(await isFree('2001:db8::ffff', 'sun.hao')).to.equal(false);
    expect(await isFree('2001:db8:0:1::1', 'sun.hao')).to.equal(true);
  });

  it('lets no crowd lock an account, only delay strangers', async () => {
    await throttle.succeeded(at('198.51.100.7'));
    for (let i = 0; i < 60; i += 1) await throttle.failed(at(`203.0.113.${i}`));
    expect(await throttle.isPressed(at('192.0.2.200'))).to.equal(true);
    expect(await isFree('192.0.2.200')).to.equal(true);
    expect(await throttle.isKnown(at('198.51.100.7'))).to.equal(true);
    expect(await throttle.isKnown(at('192.0.2.200'))).to.equal(false);
    expect(await throttle.isPressed(at('192.0.2.200', 'li.na'))).to.equal(false);
    now += 3600;
    expect(await throttle.isPressed(at('192.0.2.200'))).to.equal(false);
  });

  it('forgets what has run out', async () => {
    for (let i = 0; i < 6; i += 1) await throttle.failed(at('192.0.2.9', 'li.na'));
    expect(await isFree('192.0.2.9', 'LI.NA')).to.equal(false);
    await throttle.forget();
    expect(await isFree('192.0.2.9', 'li.na')).to.equal(false);
    now += 86_401;
    await throttle.forget();
    expect(await isFree('192.0.2.9', 'li.na')).to.equal(true);
  });

  it('hashes as OWASP says, and does the work for nobody too', async () => {
    const passwords = await openPasswords('nobody');
    const stored = await passwords.hash('a long password');
    expect(stored).to.match(
      /^\$argon2id\$v=19\$m=19456,p=1,t=2\$|^\$argon2id\$v=19\$m=19456,t=2,p=1\$/,
    );
    expect(await passwords.matches(stored, 'a long password', 'known')).to.equal(true);
    expect(await passwords.matches(stored, 'another password', 'known')).to.equal(false);
    // Whoever knew the password of nobody would still be nobody.
    expect(await passwords.matches(undefined, 'nobody', 'known')).to.equal(false);
    // Compatibility forms of one character are one password.
    const wide = await passwords.hash('ｐａｓｓ１２３４５６７８');
    expect(await passwords.matches(wide, 'pass12345678', 'known')).to.equal(true);
  });

  it('refuses a flood, and keeps a lane for known addresses', async () => {
    const passwords = await openPasswords('nobody');
    const flood = Array.from({ length: 40 }, () =>
      passwords.matches(undefined, 'x', 'unknown').then(
        () => 'done',
        (error: unknown) => (isCodedError<string>(error) ? error.code : 'none'),
      ),
    );
    expect(await passwords.matches(undefined, 'x', 'known')).to.equal(false);
    const outcomes = await Promise.all(flood);
    expect(outcomes.filter((outcome) => outcome === 'SIGN_IN_BUSY')).to.have.length(6);
    expect(outcomes.filter((outcome) => outcome === 'done')).to.have.length(34);
  });
});
