// SPDX-License-Identifier: Apache-2.0
// A channel's configuration with one more organisation in it, held against recorded ones: block 19 is a configuration without the fourth
// consenter, block 21 the one with it again, as the orderers accepted it.
import { expect } from 'chai';
import { generateKeyPairSync, verify } from 'node:crypto';
import { concat } from '@zhenglian/core/bytes';
import { configEnvelope } from '../../network/fabric/channel-update.ts';
import {
  hasConsenter,
  hasOrganisation,
  majorityOf,
  readConfig,
  withConsenter,
  withOrganisation,
} from '../../network/fabric/config-update.ts';
import { common } from '../../network/protos.ts';
import { readRecorded } from '../support/recorded-blocks.ts';
import type { ChannelConfig } from '../../network/fabric/config-update.ts';

const WITHOUT = 19;
const WITH = 21;
const block = (n: number) => readRecorded(`blocks/${String(n).padStart(10, '0')}.block`);
const config = (n: number) => readConfig(block(n));
const names = { msp: 'P51', ordererMsp: 'P51-ORD' };

/** A group's content, found by its path. */
function group(from: ChannelConfig, ...path: string[]): common.ConfigGroup {
  let found = from.getChannelGroup();
  for (const name of path) found = found?.getGroupsMap().get(name);
  if (!found) throw new Error(`no group ${path.join('/')}`);
  return found;
}
const orderers = (of: ChannelConfig) =>
  Buffer.from(group(of, 'Orderer').getValuesMap().get('Orderers').getValue_asU8());
const blockValidation = (of: ChannelConfig): common.Policy =>
  group(of, 'Orderer').getPoliciesMap().get('BlockValidation').getPolicy();
const policyOf = (of: ChannelConfig, name: string) =>
  Buffer.from(
    group(of, 'Application').getPoliciesMap().get(name).getPolicy().getValue_asU8(),
  ).toString('latin1');

describe('fabric: configuration updates', () => {
  it('a consenter is added as the orderers accepted it, with the policy to the letter', () => {
    const before = config(WITHOUT);
    expect(hasConsenter(before, 'REG-ORD')).to.equal(false);
    const after = withConsenter(before, config(0), 'REG-ORD');
    const accepted = config(WITH);
    expect(hasConsenter(after, 'REG-ORD')).to.equal(true);
    expect(orderers(after)).to.eql(orderers(accepted));
    expect(blockValidation(after).getType()).to.equal(blockValidation(accepted).getType());
    expect(Buffer.from(blockValidation(after).getValue_asU8())).to.eql(
      Buffer.from(blockValidation(accepted).getValue_asU8()),
    );
    expect(orderers(before)).not.to.eql(orderers(after)); // what came in is as it was
    expect(() => withConsenter(before, config(0), 'P99-ORD')).to.throw('START_FAILED');
  });

  it('an organisation comes with its orderer, its anchor and the policies of all chaincodes', () => {
    const wanted = config(0);
    const before = config(0);
    group(before, 'Application').getGroupsMap().del(names.msp);
    group(before, 'Orderer').getGroupsMap().del(names.ordererMsp);
    const policies = group(before, 'Application').getPoliciesMap();
    policies.del('zl-p51');
    // An older rule for another province, changed twice since: its content is replaced, its count of changes kept.
    policies.get('zl-p33').setPolicy(policies.get('zl').getPolicy());
    policies.get('zl-p33').setVersion(2);
    expect(hasOrganisation(before, names)).to.equal(false);
    const after = withOrganisation(before, wanted, names);
    expect(hasOrganisation(after, names)).to.equal(true);
    for (const path of [
      ['Application', 'P51'],
      ['Orderer', 'P51-ORD'],
    ]) {
      expect(Buffer.from(group(after, ...path).serializeBinary())).to.eql(
        Buffer.from(group(wanted, ...path).serializeBinary()),
      );
    }
    for (const name of ['zl', 'zl-p33', 'zl-p44', 'zl-p51', 'zl-reg']) {
      expect(policyOf(after, name), name).to.equal(policyOf(wanted, name));
    }
    expect(policyOf(after, 'zl-p33')).to.include('P51');
    expect(group(after, 'Application').getPoliciesMap().get('zl-p33').getVersion()).to.equal(2);
    expect(orderers(after)).to.eql(orderers(before));
    expect(() => withOrganisation(before, before, names)).to.throw('START_FAILED');
  });

  it('an organisation that is there already is left as it is', () => {
    const after = withOrganisation(config(0), config(0), names);
    expect(group(after).toObject()).to.eql(group(config(0)).toObject());
    expect([majorityOf(after, 'Application'), majorityOf(after, 'Orderer')]).to.eql([3, 3]);
  });

  it('BLOCK_INVALID: what is no configuration block', () => {
    for (const bytes of [new Uint8Array(0), Uint8Array.of(1, 2, 3), block(13)]) {
      expect(() => readConfig(bytes)).to.throw('BLOCK_INVALID');
    }
  });

  it('administrators sign header and update, each with a nonce of its own', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const update = new Uint8Array([7, 7]);
    const signer = { msp: 'P44', certificatePem: 'certificate', keyPem };
    const envelope = common.Envelope.deserializeBinary(
      configEnvelope('zhenglian', update, [signer, { ...signer, msp: 'P33' }]),
    );
    const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
    const header = common.ChannelHeader.deserializeBinary(
      payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(0),
    );
    expect([header.getType(), header.getChannelId()]).to.eql([2, 'zhenglian']);
    const signed = common.ConfigUpdateEnvelope.deserializeBinary(payload.getData_asU8());
    const signatures = signed.getSignaturesList();
    expect(signatures).to.have.length(2);
    for (const signature of signatures) {
      const message = concat(signature.getSignatureHeader_asU8(), update);
      expect(verify('sha256', message, publicKey, signature.getSignature_asU8())).to.equal(true);
    }
    const [first, second] = signatures.map((each) => each.getSignatureHeader_asB64());
    expect(first).not.to.equal(second);
  });
});
