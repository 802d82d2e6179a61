// SPDX-License-Identifier: Apache-2.0
// Which engine a tour runs on, as a command line and the environment say it.
import { expect } from 'chai';
import { engineOf, portOf } from '../../scripts/tour-engine.ts';

describe('scripts/tour-engine', () => {
  const told = async (name: string, environment = {}): Promise<unknown> =>
    engineOf(name, environment).catch((error: unknown) => error);

  it('embedded needs nothing', async () => {
    expect(await told('embedded')).to.eql({});
  });

  it('START_FAILED: an engine that there is none of, fabric without its programs', async () => {
    const unknown = await told('fabrick');
    expect(unknown).to.have.property('code', 'START_FAILED');
    expect(String(unknown)).to.match(/--ledger is embedded or fabric/);
    const without = await told('fabric', { PATH: '/nowhere' });
    expect(without).to.have.property('code', 'START_FAILED');
  });

  it('START_FAILED: a port that is none', () => {
    expect(portOf('65530', 'PORT')).to.equal(65_530);
    for (const text of ['', '0', '65531', '80a', '-1', '8.5', '999999']) {
      expect(() => portOf(text, 'PORT'), text)
        .to.throw('PORT must be a number from 1 to 65530')
        .with.property('code', 'START_FAILED');
    }
  });
});
