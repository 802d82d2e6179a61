// SPDX-License-Identifier: Apache-2.0
// The consortium's records as its valid transactions left them, rebuilt from blocks alone, so that the trust bundle of
// any past moment can be had. The contract decided already; here its decisions are only repeated (docs/ledger.md §2, §6).
import { decodeCbor } from '@zhenglian/core/cbor';
import type { CborValue } from '@zhenglian/core/cbor';
import { equals } from '@zhenglian/core/bytes';
import { parseAuthority } from '@zhenglian/core/records/authority';
import { consortiumRequest } from '@zhenglian/core/records/consortium-request';
import type { Stamp } from '@zhenglian/core/records/fields';
import {
  networkIdOf,
  parseFounding,
  parseFoundingDefinition,
} from '@zhenglian/core/records/founding';
import { parseAuthorityKey } from '@zhenglian/core/records/key';
import type { AuthorityKey, LastGood } from '@zhenglian/core/records/key';
import { parseLicenceType } from '@zhenglian/core/records/licence-type';
import { parseOrganisation } from '@zhenglian/core/records/organisation';
import { parseActPolicy } from '@zhenglian/core/records/policy';
import { parseProposal, parseProposalContent, proposalId } from '@zhenglian/core/records/proposal';
import { recordKey, recordPrefix } from '@zhenglian/core/records/record-key';
import { parseRecognitionRule, parseRule, ruleHash } from '@zhenglian/core/records/rule';
import type { TrustBundle } from '@zhenglian/core/records/trust-bundle';
import { asCbor } from '@zhenglian/core/shape';
import { keyId } from '@zhenglian/core/signing';
import { parseTypeDefinition } from '@zhenglian/core/types/definition';
import type { BlockState } from './block-writes.ts';
import { valuesOf } from '../store/table-cbor.ts';
import type { Table } from '../store/table.ts';
import { replicaKey } from './replica-records.ts';

/** A valid transaction of `zl`. */
export interface ConsortiumTransaction {
  readonly name: string;
  readonly msp: string;
  readonly at: number;
  readonly request: Uint8Array;
}

type Parser<T> = (value: CborValue) => T;
type Step = (records: Records, request: CborValue, msp: string) => Promise<void>;

interface Records {
  readonly at: number;
  load<T>(key: string, parse: Parser<T>): Promise<T | undefined>;
  save(key: string, content: object, previous: Stamp | undefined): void;
}

const STEPS: Readonly<Record<string, Step>> = {
  Found: found,
  Propose: propose,
  Enact: enact,
  RegisterKey: registerKey,
  BurnKey: burnKey,
  SubmitRule: submitRule,
  WithdrawRule: withdrawRule,
};

/** Writes what a transaction of `zl` wrote; votes are not kept. */
export async function applyConsortium(
  state: BlockState,
  { name, msp, at, request }: ConsortiumTransaction,
): Promise<void> {
  const records: Records = {
    at,
    async load(key, parse) {
      const stored = await state.get(replicaKey.consortium(key));
      return stored === undefined ? undefined : parse(decodeCbor(stored));
    },
    save(key, content, previous) {
      const rev = (previous?.rev ?? 0) + 1;
      state.put(replicaKey.consortium(key), asCbor({ ...content, rev, at }));
    },
  };
  if (Object.hasOwn(STEPS, name)) await STEPS[name]?.(records, decodeCbor(request), msp);
}

/** The trust bundle as the records stand, or undefined when nothing was founded. */
export async function rebuildTrustBundle(db: Table, at: number): Promise<TrustBundle | undefined> {
  const stored = await db.get(replicaKey.consortium(recordKey.network()));
  if (stored === undefined) return undefined;
  const founding = parseFounding(decodeCbor(stored));
  const all = async <T>(prefix: string, parse: Parser<T>): Promise<readonly T[]> =>
    (await valuesOf(db, { prefix: replicaKey.consortium(prefix) })).map((v) =>
      parse(decodeCbor(v)),
    );
  const lists = {
    organisations: await all(recordPrefix.organisations(), parseOrganisation),
    authorities: await all(recordPrefix.authorities(), parseAuthority),
    keys: await all(recordPrefix.keys(), parseAuthorityKey),
    types: await all(recordPrefix.licenceTypes(), parseLicenceType),
    policies: await all(recordPrefix.policies(), parseActPolicy),
    rules: await all(recordPrefix.rules(), parseRule),
  };
  const stamps: Stamp[] = [founding, ...Object.values(lists).flat()];
  const version = stamps.reduce((sum, { rev }) => sum + rev, 0);
  const { networkId, definition } = founding;
  return { networkId, definition, ...lists, version, at };
}

function found(records: Records, request: CborValue): Promise<void> {
  const { definition } = consortiumRequest.Found(request);
  const networkId = networkIdOf(definition);
  records.save(recordKey.network(), { definition, networkId }, undefined);
  for (const founder of parseFoundingDefinition(decodeCbor(definition)).organisations) {
    const { msp, kind, prefix, name, rootCertificate } = founder;
    const content = { msp, kind, prefix, name, rootCertificate, status: 'admitted' };
    records.save(recordKey.organisation(msp), content, undefined);
  }
  return Promise.resolve();
}

function propose(records: Records, request: CborValue, by: string): Promise<void> {
  const { kind, body, nonce } = consortiumRequest.Propose(request);
  const id = proposalId(kind, body, by, nonce);
  records.save(recordKey.proposal(id), { id, kind, body, by, status: 'open' }, undefined);
  return Promise.resolve();
}

async function enact(records: Records, request: CborValue): Promise<void> {
  const key = recordKey.proposal(consortiumRequest.Enact(request).id);
  const proposal = await records.load(key, parseProposal);
  if (proposal === undefined) return;
  const content = parseProposalContent(proposal.kind, proposal.body);
  switch (content.kind) {
    case 'organisation': {
      const at = recordKey.organisation(content.body.msp);
      records.save(at, content.body, await records.load(at, parseOrganisation));
      break;
    }
    case 'authority': {
      const at = recordKey.authority(content.body.uscc);
      records.save(at, content.body, await records.load(at, parseAuthority));
      break;
    }
    case 'type': {
      const { code, version } = parseTypeDefinition(content.body.definition);
      records.save(recordKey.licenceType(code, version), content.body, undefined);
      break;
    }
    case 'policy': {
      const at = recordKey.policy(content.body.act);
      records.save(at, content.body, await records.load(at, parseActPolicy));
      break;
    }
    case 'burn':
      await burn(records, content.body.kid, content.body.lastGood);
  }
  records.save(key, { ...proposal, status: 'enacted' }, proposal);
}

function registerKey(records: Records, request: CborValue, msp: string): Promise<void> {
  const registered = consortiumRequest.RegisterKey(request);
  const { uscc, publicKey, types, notBefore, notAfter } = registered;
  const kid = keyId(publicKey);
  const content = { kid, uscc, msp, publicKey, types, notBefore, notAfter };
  records.save(recordKey.key(kid), content, undefined);
  return Promise.resolve();
}

async function burnKey(records: Records, request: CborValue): Promise<void> {
  const { kid, lastGood } = consortiumRequest.BurnKey(request);
  await burn(records, kid, lastGood);
}

async function burn(records: Records, kid: Uint8Array, lastGood: LastGood): Promise<void> {
  const at = recordKey.key(kid);
  const key = await records.load(at, parseAuthorityKey);
  if (key === undefined) return;
  const burned: AuthorityKey['burned'] = { at: key.burned?.at ?? records.at, lastGood };
  records.save(at, { ...key, burned }, key);
}

async function submitRule(records: Records, request: CborValue, msp: string): Promise<void> {
  const { rule: value, kid, signature } = consortiumRequest.SubmitRule(request);
  const rule = parseRecognitionRule(value);
  const { from, to, type } = rule;
  const at = recordKey.rule(from, to, type);
  const existing = await records.load(at, parseRule);
  const hash = ruleHash(rule);
  const submissions = new Map(existing?.submissions).set(msp, { hash, kid, signature });
  const other = submissions.get(msp === from ? to : from);
  const inForce = other !== undefined && equals(other.hash, hash) ? rule : existing?.rule;
  const content = { from, to, type, submissions };
  records.save(at, inForce === undefined ? content : { ...content, rule: inForce }, existing);
}

async function withdrawRule(records: Records, request: CborValue): Promise<void> {
  const { from, to, type } = consortiumRequest.WithdrawRule(request);
  const at = recordKey.rule(from, to, type);
  const existing = await records.load(at, parseRule);
  records.save(at, { from, to, type, submissions: new Map() }, existing);
}
