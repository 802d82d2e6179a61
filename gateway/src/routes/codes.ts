// SPDX-License-Identifier: Apache-2.0
// The printed document: the QR text of a disclosure set, once the document is anchored; before that where its type allows
// release while it waits.
import { Router } from 'express';
import { anchorDueAt } from '@zhenglian/core/anchor';
import type { Copy } from '@zhenglian/core/copy';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { presentSet } from '@zhenglian/core/presentation';
import { qrVersionOf } from '@zhenglian/core/qr-size';
import { formatWire } from '@zhenglian/core/wire';
import type { GatewayContext } from '../context.ts';
import { holderCopy } from '../issuance/copy-record.ts';
import { isLiving } from '../issuance/licence-record.ts';
import type { LicenceRecord } from '../issuance/licence-record.ts';
import { gatewayError } from '../problem-codes.ts';
import { serve } from '../routing.ts';
import { getCode } from '../schemas/licences.ts';

export function codesRoutes(context: GatewayContext): Router {
  const router = Router();
  const { desk, trace } = context;
  serve(router, context, getCode, async ({ params, query, actor, purpose }) => {
    const licence = await desk.licence(params.id);
    if (!isLiving(licence) || licence.state !== 'valid') {
      throw gatewayError('LICENCE_NOT_LIVING', 'the licence is not in force');
    }
    const type = desk.typeOf(licence.type, licence.typeVersion);
    const set = type.sets.find(({ name }) => name === (query.set ?? type.sets[0]?.name));
    if (set === undefined) throw gatewayError('SET_UNKNOWN', 'the type has no such set');
    const { document, anchorDueAt } = await documentOf(context, licence, type);
    const text = formatWire(presentSet(document, type, set));
    await trace.append({
      kind: 'print',
      actor,
      subject: licence.id,
      outcome: 'done',
      purpose,
      detail: { set: set.name, type: type.code },
    });
    const { number } = licence;
    const qrVersion = qrVersionOf(text) ?? 40;
    const body = { text, qrVersion, type: type.code, set: set.name, number, anchorDueAt };
    return { status: 200, body };
  });
  return router;
}

async function documentOf(
  { desk }: GatewayContext,
  licence: LicenceRecord,
  type: TypeDefinition,
): Promise<{ readonly document: Copy; readonly anchorDueAt: number | null }> {
  const copies = await desk.copies(licence.id);
  const document = copies.find(({ holderKey }) => holderKey === null);
  const isReleased = type.pendingRelease && document?.step === 'signed';
  if (document === undefined || (document.step !== 'anchored' && !isReleased)) {
    throw gatewayError('NOT_ANCHORED', 'the document is not anchored yet');
  }
  if (document.own !== 'valid') {
    throw gatewayError('LICENCE_NOT_LIVING', 'the document is not in force');
  }
  return {
    document: holderCopy(document, licence, type),
    anchorDueAt: isReleased ? anchorDueAt(document.place.firstDay) : null,
  };
}
