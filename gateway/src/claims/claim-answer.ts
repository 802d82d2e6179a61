// SPDX-License-Identifier: Apache-2.0
// What a wallet gets for a claim or renewal: the copy and all it needs to show it without asking again.
import { toBase64, toHex } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import { encodeCopy } from '@zhenglian/core/copy';
import type { CopyRecord } from '../issuance/copy-record.ts';
import type { GatewayContext } from '../context.ts';
import { parseTypeDefinition } from '@zhenglian/core/types/definition';
import type { CborValue } from '@zhenglian/core/cbor';
import { gatewayError } from '../problem-codes.ts';
import type { Claimed } from './claim.ts';

const SECONDS_A_DAY = 86_400;
const BEIJING_OFFSET = 8 * 3600;
/** A wallet renews in the last third of a copy's life. */
const RENEW_AFTER = 2 / 3;

/** The body of the answer. */
export function answerClaim(
  context: Pick<GatewayContext, 'networkId' | 'replica'>,
  { licence, attachments, copy, others }: Claimed,
) {
  const { bundle } = context.replica.trustBundle();
  const { type, typeVersion, uscc } = licence;
  const authority = bundle.authorities.find((each) => each.uscc === uscc);
  const definition = bundle.types
    .map((each) => each.definition)
    .find((each) => isDefinition(each, type, typeVersion));
  if (authority === undefined || definition === undefined) {
    throw gatewayError('ANCHOR_WAIT', 'the trust bundle is not up to date yet: ask again');
  }
  const days = copy.lastDay - copy.firstDay;
  const renewDay = copy.firstDay + Math.floor(days * RENEW_AFTER);
  return {
    licence: licence.id,
    type: { code: type, version: typeVersion },
    typeDefinition: toBase64(encodeCbor(definition)),
    copies: [toBase64(encodeCopy(copy))],
    attachments: Object.fromEntries(attachments),
    issuer: { uscc, name: authority.name },
    networkId: toHex(context.networkId),
    renewal: { after: renewDay * SECONDS_A_DAY - BEIJING_OFFSET },
    otherCopies: others.map(describeCopy),
  };
}

function describeCopy({ place, own }: CopyRecord) {
  const { kid, epoch, index, firstDay, lastDay } = place;
  return { kid: toHex(kid), epoch, index, firstDay, lastDay, state: own };
}

function isDefinition(definition: CborValue, code: string, version: number): boolean {
  try {
    const type = parseTypeDefinition(definition);
    return type.code === code && type.version === version;
  } catch {
    return false; // made for a newer program
  }
}
