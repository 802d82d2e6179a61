// SPDX-License-Identifier: Apache-2.0
// What of a Fabric network can be told without Fabric: packages and the bundles they promise, ports and folders, missing programs.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openPackage, writePackage } from '../../network/fabric/chaincode-package.ts';
import { layoutOf } from '../../network/fabric/layout.ts';
import { organisationOf } from '../../network/fabric/members.ts';
import { isUnknownTransaction, plainAnswer } from '../../network/fabric/messages.ts';
import { findPrograms } from '../../network/fabric/programs.ts';
import { networkDefinition, readConsortium } from '../../scripts/consortium.ts';
import { refused } from '../support/ledger-outcomes.ts';

describe('fabric files', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'zhenglian fabric files '));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const place = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('a package is the same bytes whoever makes it, and promises one bundle', () => {
    const bundle = place('bundle.cjs', 'exports.contracts = [];');
    const made = writePackage('zl_1', bundle, join(folder, 'a.tar.gz'));
    const again = writePackage('zl_1', bundle, join(folder, 'b.tar.gz'));
    expect(again.id).to.equal(made.id);
    expect(readFileSync(again.file)).to.eql(readFileSync(made.file));
    expect(made.id).to.match(/^zl_1:[0-9a-f]{64}$/);
    expect(openPackage(made.file, bundle)).to.eql(made);
    const other = place('other.cjs', 'exports.contracts = [ ];');
    expect(() => openPackage(made.file, other)).to.throw('START_FAILED');
    expect(writePackage('zl_1', other, join(folder, 'c.tar.gz')).id).not.to.equal(made.id);
  });

  it('no two nodes share a port or a folder', () => {
    const layout = layoutOf('/data', networkDefinition(readConsortium()), 20_000);
    const ports = layout.organisations.flatMap((each) => Object.values<number>({ ...each.ports }));
    const folders = layout.organisations.flatMap((each) =>
      Object.values<string>({ ...each.folders }),
    );
    expect(new Set(ports).size).to.equal(ports.length);
    expect(new Set(folders).size).to.equal(folders.length);
    expect(layout.organisations.map(({ msp }) => msp)).to.eql(['P44', 'P33', 'P51', 'REG']);
    expect(() => organisationOf(layout, 'P99')).to.throw('START_FAILED');
  });

  it('names what is missing of Fabric, and what is too old', async () => {
    await refused(findPrograms({ path: folder }), 'START_FAILED');
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    mkdirSync(join(folder, 'config'));
    for (const name of ['orderer', 'osnadmin', 'configtxgen', 'configtxlator', 'cryptogen']) {
      place(join('bin', name), '');
    }
    const missing = await findPrograms({ path: '', bin }).catch(String);
    expect(missing)
      .to.match(/missing: peer;/)
      .and.to.match(/FABRIC_BIN/);
    const set = (program: string, version: string) => {
      const script = `#!/bin/sh\necho ' Version: v${version}'\n`;
      writeFileSync(join(bin, program), script, { mode: 0o755 });
    };
    const versioned = ['peer', 'orderer', 'configtxgen', 'configtxlator', 'cryptogen'];
    for (const program of versioned) {
      rmSync(join(bin, program), { force: true });
      set(program, '3.1.5');
    }
    set('peer', '2.5.9');
    expect(await findPrograms({ path: '', bin }).catch(String)).to.match(/core\.yaml/);
    place(join('config', 'core.yaml'), '');
    place(join('config', 'orderer.yaml'), '');
    expect(await findPrograms({ path: '', bin }).catch(String)).to.match(/peer is 2\.5\.9; get/);
    set('peer', '3.2.0');
    for (const [program, version] of [
      ['orderer', '2.5.9'],
      ['configtxgen', '3.0.0'],
      ['configtxlator', '4.0.0'],
      ['cryptogen', 'unknown'],
    ] as const) {
      set(program, version);
      const told = version === 'unknown' ? 'of no known version' : version;
      const said = await findPrograms({ path: '', bin }).then(() => 'accepted', String);
      expect(said).to.match(/START_FAILED: .*install-fabric\.sh/);
      expect(said).to.include(`needed; ${program} is ${told};`);
      set(program, '3.1.5');
    }
    expect(await findPrograms({ path: '', bin })).to.include({ version: '3.2.0' });
    writeFileSync(join(bin, 'orderer'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    expect(await findPrograms({ path: '', bin }).catch(String)).to.match(/orderer cannot be run/);
  });

  it("takes the contract's own words out of a peer's answer", () => {
    const answer = (message: string) => ({
      status: 500,
      message,
      result: new Uint8Array(0),
      payload: new Uint8Array(0),
    });
    const said = 'error in simulation: transaction returned with failure: Error: KEY_BURNED: x';
    expect(plainAnswer(answer(said)).message).to.equal('KEY_BURNED: x');
    for (const away of [
      'error in simulation: failed to execute transaction 68502e30: could not launch chaincode zl_1: connection failed',
      'error in simulation: could not launch chaincode zl_1: connection failed',
      'error in simulation: failed to execute transaction 68502e30: claimed to start chaincode container for zl_1 but could not find handler',
      'error in simulation: failed to execute transaction 68502e30: timeout expired while executing transaction',
      'error in simulation: failed to execute transaction 68502e30: chaincode stream terminated',
      'error in simulation: failed to execute transaction 68502e30: error sending: chaincode stream terminated',
      'error in simulation: nil response from transaction 68502e30',
      'INVOKE_CHAINCODE failed: transaction ID: 68502e30: execute failed: could not launch chaincode zl_1: connection failed',
      'INVOKE_CHAINCODE failed: transaction ID: 68502e30: execute failed: chaincode stream terminated',
      'GET_STATE failed: transaction ID: 68502e30: leveldb: closed',
      "make sure the chaincode zl has been successfully defined on channel zhenglian and try again: chaincode definition for 'zl' exists, but chaincode is not installed",
      'make sure the chaincode zl-p44 has been successfully defined on channel zhenglian and try again: chaincode zl-p44 not found',
    ]) {
      expect(() => plainAnswer(answer(away)), away).to.throw('LEDGER_UNAVAILABLE');
    }
    const never = answer(
      'INVOKE_CHAINCODE failed: transaction ID: eb29: execute failed: error sending: txid: eb29(zhenglian) exists',
    );
    expect(plainAnswer(never)).to.eql(never);
    const forged = answer('KEY_BURNED: could not launch chaincode zl_1: connection failed');
    expect(plainAnswer(forged)).to.eql(forged);
    expect(isUnknownTransaction('Failed: no such transaction ID [00] in index')).to.equal(true);
    expect(isUnknownTransaction('access denied')).to.equal(false);
  });
});
