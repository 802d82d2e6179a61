// SPDX-License-Identifier: Apache-2.0
// Recognition of another province's licence, with a receipt; and what became of the licences since.
import { Router } from 'express';
import { toBase64, toHex } from '@zhenglian/core/bytes';
import type { Checking } from '../checking/checking.ts';
import {
  listRecognitions,
  recognisePresentation,
  storeRecognition,
} from '../checking/recognition.ts';
import type { RecognitionResult } from '../checking/recognition.ts';
import type { GatewayContext } from '../context.ts';
import { serve } from '../routing.ts';
import { listRecognitionsOperation, recogniseLicence } from '../schemas/checking.ts';
import type { TraceAct } from '../trace/trace.ts';

export function recognitionsRoutes(context: GatewayContext, checking: Checking): Router {
  const router = Router();
  const { store, outbox } = context;

  serve(router, context, recogniseLicence, async ({ body, actor, purpose, remember }) => {
    const { presentation, act, request } = body;
    const [report] = await checking.check({
      ...{ presentations: [presentation], act, request },
      ...{ actor, purpose },
    });
    if (report === undefined) throw new TypeError('unreachable: one report a presentation');
    const result = await recognisePresentation(context, presentation, report);
    const answer = { status: 200, body: { report, ...describe(result) } };
    const kept = result.given === undefined ? [] : [storeRecognition(result.given)];
    const told = outbox.put({ ...traceOf(result, report.licence), actor, purpose });
    await store.write([...kept, ...remember(answer), ...told]);
    outbox.handOver(told);
    return answer;
  });

  serve(router, context, listRecognitionsOperation, async ({ query, sees }) => {
    const page = { ...query, sees: (type: string) => sees({ type }) };
    const { recognitions, next } = await listRecognitions(context, page);
    const listed = recognitions.map(({ id, at, from, type, act, revokedSince }) => ({
      ...{ id, at, from, type, act },
      ...(revokedSince === undefined ? {} : { revokedSince }),
    }));
    return { status: 200, body: { recognitions: listed, ...(next === undefined ? {} : { next }) } };
  });
  return router;
}

function describe({ recognition, applied, given }: RecognitionResult) {
  const { outcome, reason, fields, conditions } = recognition;
  const rule = applied && {
    from: applied.rule.from,
    to: applied.rule.to,
    type: applied.rule.type,
    hash: toHex(applied.hash),
    label: applied.rule.label,
  };
  const receipt = given && {
    payload: toBase64(given.payload),
    signature: toBase64(given.signature),
    kid: toHex(given.signer),
  };
  return {
    recognition: {
      ...{ outcome, reason },
      ...(rule === undefined ? {} : { rule }),
      ...(conditions === undefined ? {} : { conditions }),
      fields,
    },
    ...(receipt === undefined ? {} : { receipt }),
  };
}

function traceOf(
  { recognition, applied, given }: RecognitionResult,
  licence: { readonly kid: string; readonly epoch: number; readonly index: number } | undefined,
): Omit<TraceAct, 'actor' | 'purpose'> {
  const subject =
    licence === undefined
      ? null
      : `${licence.kid}-${String(licence.epoch)}-${String(licence.index)}`;
  return {
    kind: 'recognition',
    subject,
    outcome: recognition.outcome,
    detail: {
      reason: recognition.reason,
      ...(applied && { from: applied.rule.from, to: applied.rule.to, rule: toHex(applied.hash) }),
      ...(given && { receipt: given.id, act: given.act }),
    },
  };
}
