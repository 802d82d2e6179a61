// SPDX-License-Identifier: Apache-2.0
// Recognition of another province's licence: the rule in force from the replica's bundle, `recognise` on the report, and
// a receipt that an authority of this province signs. What was recognised is kept, without the holder's fields.
import { anchorArgument } from '@zhenglian/core/anchor';
import { fromHex, toHex } from '@zhenglian/core/bytes';
import { decodeCbor } from '@zhenglian/core/cbor';
import { openPresentation } from '@zhenglian/core/presentation';
import { receiptPayload, recognise } from '@zhenglian/core/recognise';
import type { Recognition } from '@zhenglian/core/recognise';
import { epochNumber, kid, statusIndex, time, uscc } from '@zhenglian/core/records/fields';
import { ruleHash } from '@zhenglian/core/records/rule';
import type { RecognitionRule } from '@zhenglian/core/records/rule';
import type { TrustBundle } from '@zhenglian/core/records/trust-bundle';
import type { Report, ReportLicence } from '@zhenglian/core/report';
import { bytes, record, text } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import { typeOf } from '@zhenglian/core/trust';
import { parseWire } from '@zhenglian/core/wire';
import type { GatewayContext } from '../context.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { PageQuery } from '../cursor.ts';
import { gatewayError } from '../problem-codes.ts';
import { signOne } from '../signer.ts';
import type { AuthoritySigner } from '../signer.ts';
import { putCbor } from '../store/table-cbor.ts';
import type { TableChange } from '../store/table.ts';

/** A recognition that was given, as it is kept. */
const given = record({
  id: text(32),
  at: time,
  from: text(16),
  type: text(32),
  act: text(32),
  uscc,
  epoch: epochNumber,
  index: statusIndex,
  kid,
  payload: bytes(undefined, 1024),
  signature: bytes(64),
  signer: kid,
});
export type GivenRecognition = Shaped<typeof given>;

/** A rule as it was applied. */
export interface AppliedRule {
  readonly rule: RecognitionRule;
  readonly hash: Uint8Array;
}

/** What came of a recognition; `given` only when recognised. */
export interface RecognitionResult {
  readonly recognition: Recognition;
  readonly applied?: AppliedRule;
  readonly given?: GivenRecognition;
}

/** As the list shows it. */
export type ListedRecognition = GivenRecognition & { readonly revokedSince?: number };

const LISTED = 1000;
const LIST = 'recognitions';
const PREFIX = 'recognition/';
const POSITION = /^\d{12}\/[0-9a-f]{32}$/;

/** Applies the rule in force to a report. @throws the ledger's codes when no authority here can sign a receipt yet */
export async function recognisePresentation(
  context: Pick<
    GatewayContext,
    'config' | 'replica' | 'signers' | 'networkId' | 'clock' | 'random'
  >,
  presentation: string,
  report: Report,
): Promise<RecognitionResult> {
  const accepter = context.config.msp;
  const { licence } = report;
  const bundle = licence?.issuer ? context.replica.trustBundle().bundle : undefined;
  const rule = bundle && ruleInForce(bundle, licence, accepter);
  const at = context.clock();
  const question = { report, accepter, now: at, ...(rule === undefined ? {} : { rule }) };
  const recognition = recognise(question);
  if (rule === undefined) return { recognition };
  const applied = { rule, hash: ruleHash(rule) };
  if (recognition.outcome !== 'recognised' || !licence?.issuer) return { recognition, applied };
  const signer = await receiptSigner(context, licence.type);
  const payload = receiptPayload({
    from: rule.from,
    to: rule.to,
    type: rule.type,
    ruleHash: applied.hash,
    argument: argumentOf(bundle, presentation),
    act: report.act,
    at,
  });
  const { networkId } = context;
  return {
    recognition,
    applied,
    given: {
      id: toHex(context.random(16)),
      at,
      from: rule.from,
      type: rule.type,
      act: report.act,
      uscc: licence.issuer.uscc,
      epoch: licence.epoch,
      index: licence.index,
      kid: fromHex(licence.kid),
      payload,
      signature: await signOne(signer, { purpose: 'receipt', networkId, payload }),
      signer: signer.kid,
    },
  };
}

/** The change that keeps a recognition; newest last. */
export function storeRecognition(recognition: GivenRecognition): TableChange {
  const at = String(recognition.at).padStart(12, '0');
  return putCbor(`${PREFIX}${at}/${recognition.id}`, { ...recognition });
}

/** A page of the recognitions, newest first, with the time of a revocation since. @throws REQUEST_INVALID */
export async function listRecognitions(
  context: Pick<GatewayContext, 'store' | 'replica'>,
  { limit = LISTED, after, sees }: PageQuery & { readonly sees: (type: string) => boolean },
): Promise<{ readonly recognitions: readonly ListedRecognition[]; readonly next?: string }> {
  const { store, replica } = context;
  const last = after === undefined ? undefined : decodeCursor(LIST, after, POSITION);
  const listed: ListedRecognition[] = [];
  let position = '';
  for await (const { key, value } of store.range({ prefix: PREFIX, reverse: true })) {
    if (last !== undefined && key.slice(PREFIX.length) >= last) continue;
    const each = given(decodeCbor(value), 'recognition');
    if (!sees(each.type)) continue;
    if (listed.length === limit) {
      return { recognitions: listed, next: encodeCursor(LIST, position) };
    }
    position = key.slice(PREFIX.length);
    const { state, time: since } = await replica.statusOf(each.uscc, each.epoch, each.index);
    const revoked = state === 'revoked' && since !== undefined;
    listed.push(revoked ? { ...each, revokedSince: since } : each);
  }
  return { recognitions: listed };
}

function ruleInForce(
  bundle: TrustBundle,
  licence: ReportLicence | undefined,
  accepter: string,
): RecognitionRule | undefined {
  return bundle.rules.find(
    (each) =>
      each.from === licence?.issuer?.msp && each.to === accepter && each.type === licence.type,
  )?.rule;
}

/** The authority that issues the type here, or any other of this gateway. */
function receiptSigner(
  { config, signers }: Pick<GatewayContext, 'config' | 'signers'>,
  type: string,
): Promise<AuthoritySigner> {
  const { authorities } = config;
  const authority = authorities.find(({ types }) => types.includes(type)) ?? authorities[0];
  if (authority === undefined) {
    throw gatewayError('READ_ONLY', 'this gateway signs for no authority');
  }
  return signers.ready(authority.uscc);
}

function argumentOf(bundle: TrustBundle | undefined, presentation: string): Uint8Array {
  const wire = parseWire(presentation.trim());
  const type = bundle && typeOf(bundle, wire.typeNumber, wire.typeVersion);
  if (type === undefined) throw new TypeError('unreachable: a recognised licence has a known type');
  return anchorArgument(openPresentation(wire, type).cose);
}
