// SPDX-License-Identifier: Apache-2.0
// A channel's configuration with one more organisation in it. Pure: what the channel holds and what it would hold had it been founded
// with the new one come in, the new configuration goes out. Nothing else of the channel's own configuration is touched.
import { concat, fromUtf8 } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import { serializeIdentity } from '../identity.ts';
import { common, msp as mspMessages } from '../protos.ts';
import { readFields, writeBytes } from '../wire-fields.ts';
import { quorumOf } from './channel-members.ts';

/** Fabric's Config message. */
export type ChannelConfig = common.Config;

/** Names of an organisation in the two groups of a channel. */
export interface GroupNames {
  readonly msp: string;
  readonly ordererMsp: string;
}

/** A map field of a message; the library's own class carries no types. */
interface MessageMap<T> {
  get(name: string): T | undefined;
  set(name: string, value: T): unknown;
  has(name: string): boolean;
  getLength(): number;
  forEach(visit: (value: T, name: string) => void): void;
}

const ORDERERS = 'Orderers';
const BLOCK_VALIDATION = 'BlockValidation';
const SIGNATURE_POLICY = 1;
/** Policies by which chaincodes are endorsed (channel-config.ts). */
const CHAINCODE_POLICY = /^zl(-|$)/;

/** The configuration in a configuration block. @throws BLOCK_INVALID */
export function readConfig(block: Uint8Array): ChannelConfig {
  try {
    const [envelope] = common.Block.deserializeBinary(block).getData()?.getDataList_asU8() ?? [];
    const payload = readFields(envelope ?? new Uint8Array(0)).bytes(1);
    const data = common.Payload.deserializeBinary(payload).getData_asU8();
    const config = common.ConfigEnvelope.deserializeBinary(data).getConfig();
    if (config?.getChannelGroup()) return config;
  } catch (cause) {
    throw new CodedError('BLOCK_INVALID', 'no configuration block', { cause });
  }
  throw new CodedError('BLOCK_INVALID', 'no configuration block');
}

/** Tells whether the channel knows the organisation, its peers and its orderer. */
export function hasOrganisation(config: ChannelConfig, { msp, ordererMsp }: GroupNames): boolean {
  const application = groupsOf(groupOf(config, 'Application'));
  const orderer = groupsOf(groupOf(config, 'Orderer'));
  return application.has(msp) && orderer.has(ordererMsp);
}

/** Tells whether one of the organisation's orderers is a consenter. */
export function hasConsenter(config: ChannelConfig, ordererMsp: string): boolean {
  return consenters(config).some((bytes) => mspOf(bytes) === ordererMsp);
}

/** Adds the organisation with its orderer's endpoint and its peer's anchor, and the policies by which chaincodes are endorsed from then on. */
export function withOrganisation(
  config: ChannelConfig,
  wanted: ChannelConfig,
  { msp, ordererMsp }: GroupNames,
): ChannelConfig {
  const changed = copyOf(config);
  copyGroup(changed, wanted, 'Application', msp);
  copyGroup(changed, wanted, 'Orderer', ordererMsp);
  const policies = policiesOf(groupOf(changed, 'Application'));
  const adopt = (policy: common.ConfigPolicy, name: string) => {
    if (CHAINCODE_POLICY.test(name)) policies.set(name, policyLike(policy, policies.get(name)));
  };
  policiesOf(groupOf(wanted, 'Application')).forEach(adopt);
  return changed;
}

/** Adds its orderer to the consenters, and asks blocks for a quorum of the new number of them, in their order. */
export function withConsenter(
  config: ChannelConfig,
  wanted: ChannelConfig,
  ordererMsp: string,
): ChannelConfig {
  const added = consenters(wanted).filter((bytes) => mspOf(bytes) === ordererMsp);
  if (added.length !== 1) throw new CodedError('START_FAILED', `no consenter of ${ordererMsp}`);
  const changed = copyOf(config);
  const orderer = groupOf(changed, 'Orderer');
  const value = valuesOf(orderer).get(ORDERERS);
  const policy = policiesOf(orderer).get(BLOCK_VALIDATION);
  if (!value || !policy) throw new CodedError('START_FAILED', 'the orderers are not BFT');
  const all = [...consenters(config), ...added];
  value.setValue(concat(...all.map((bytes) => writeBytes(1, bytes))));
  const rule = new common.Policy();
  rule.setType(SIGNATURE_POLICY);
  rule.setValue(blockValidation(all));
  policy.setPolicy(rule);
  return changed;
}

/** Signatures of administrators that make a majority of a group's organisations. */
export function majorityOf(config: ChannelConfig, group: 'Application' | 'Orderer'): number {
  return Math.floor(groupsOf(groupOf(config, group)).getLength() / 2) + 1;
}

/** The policy that Fabric demands to the letter: a quorum of exactly these identities, in this order. */
function blockValidation(all: readonly Uint8Array[]): Uint8Array {
  const envelope = new common.SignaturePolicyEnvelope();
  const nOutOf = new common.SignaturePolicy.NOutOf();
  nOutOf.setN(quorumOf({ consenters: all }));
  nOutOf.setRulesList(
    all.map((_, i) => {
      const rule = new common.SignaturePolicy();
      rule.setSignedBy(i);
      return rule;
    }),
  );
  const rule = new common.SignaturePolicy();
  rule.setNOutOf(nOutOf);
  envelope.setRule(rule);
  envelope.setIdentitiesList(
    all.map((bytes) => {
      const principal = new mspMessages.MSPPrincipal();
      principal.setPrincipalClassification(mspMessages.MSPPrincipal.Classification.IDENTITY);
      const identity = fromUtf8(readFields(bytes).bytes(5));
      principal.setPrincipal(serializeIdentity(mspOf(bytes), identity));
      return principal;
    }),
  );
  return envelope.serializeBinary();
}

/** Consenters as their bytes: message Consenter {1 id, 2 host, 3 port, 4 msp, 5 identity, 6 client TLS, 7 server TLS}. */
function consenters(config: ChannelConfig): readonly Uint8Array[] {
  const value = valuesOf(groupOf(config, 'Orderer')).get(ORDERERS);
  return value ? readFields(value.getValue_asU8()).list(1) : [];
}

function mspOf(consenter: Uint8Array): string {
  return fromUtf8(readFields(consenter).bytes(4));
}

function copyGroup(
  to: ChannelConfig,
  from: ChannelConfig,
  parent: 'Application' | 'Orderer',
  name: string,
): void {
  const group = groupsOf(groupOf(from, parent)).get(name);
  if (!group) throw new CodedError('START_FAILED', `no organisation ${name} to add`);
  const groups = groupsOf(groupOf(to, parent));
  if (!groups.has(name)) groups.set(name, group);
}

/** A policy's content, at the version that the channel has it in: versions are counted by the update. */
function policyLike(
  policy: common.ConfigPolicy,
  known: common.ConfigPolicy | undefined,
): common.ConfigPolicy {
  if (!known) return policy;
  const content = policy.getPolicy();
  if (content) known.setPolicy(content);
  return known;
}

function groupOf(config: ChannelConfig, name: 'Application' | 'Orderer'): common.ConfigGroup {
  const channel = config.getChannelGroup();
  const group = channel && groupsOf(channel).get(name);
  if (!group) throw new CodedError('BLOCK_INVALID', `a channel without the group ${name}`);
  return group;
}

function groupsOf(group: common.ConfigGroup): MessageMap<common.ConfigGroup> {
  return group.getGroupsMap() as MessageMap<common.ConfigGroup>;
}

function valuesOf(group: common.ConfigGroup): MessageMap<common.ConfigValue> {
  return group.getValuesMap() as MessageMap<common.ConfigValue>;
}

function policiesOf(group: common.ConfigGroup): MessageMap<common.ConfigPolicy> {
  return group.getPoliciesMap() as MessageMap<common.ConfigPolicy>;
}

function copyOf(config: ChannelConfig): ChannelConfig {
  return common.Config.deserializeBinary(config.serializeBinary());
}
