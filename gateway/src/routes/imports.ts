// SPDX-License-Identifier: Apache-2.0
// Imports: a file in, a job out, its progress.
import { Router } from 'express';
import type { Request } from 'express';
import type { GatewayContext } from '../context.ts';
import type { TextCharset } from '../imports/decode-text.ts';
import { MAX_IMPORT_BYTES, receiveImport } from '../imports/receive-import.ts';
import type { ImportUpload } from '../imports/receive-import.ts';
import { once } from '../middleware/idempotency.ts';
import { gatewayError } from '../problem-codes.ts';
import { serve } from '../routing.ts';
import { getImport, getImported, startImport } from '../schemas/imports.ts';
import { holderName, summariseLicence } from '../issuance/licence-view.ts';
import { purposeFact } from './licences.ts';

export function importsRoutes(context: GatewayContext): Router {
  const router = Router();

  serve(router, context, startImport, async ({ query, actor, request }) => {
    const type = context.desk.typeOf(query.type);
    context.desk.requireIssuer(query.type);
    const media = readMedia(request);
    const received = await receiveImport(context, { ...media, type, actor, body: request });
    const upload = { isAccepted: false };
    try {
      return await once(context, request, received.digest, async (remember) => {
        const answer = { status: 202, body: { id: received.job.id } };
        await received.accept(remember(answer));
        upload.isAccepted = true;
        context.imports.notify();
        return answer;
      });
    } finally {
      if (!upload.isAccepted) await received.discard();
    }
  });

  serve(router, context, getImport, async ({ params, query }) => {
    const { job, state, anchored, errors, next } = await context.imports.progress(
      params.id,
      query.after,
    );
    const { id, type, total, read, accepted, rejected } = job;
    const counts = { total, read, accepted, rejected, anchored };
    const page = { errors, ...(next === undefined ? {} : { next }) };
    return { status: 200, body: { id, type, state, ...counts, ...page } };
  });

  serve(router, context, getImported, async ({ params, query, actor, purpose }) => {
    const { desk, trace } = context;
    const { lines, next } = await context.imports.licences(params.id, query.after);
    const licences = await Promise.all(
      lines.map(async ({ line, licence: id }) => {
        const licence = await desk.licence(id);
        const name = holderName(licence, desk.typeOf(licence.type, licence.typeVersion));
        return { line, name, ...summariseLicence(licence, await desk.copies(id)) };
      }),
    );
    await trace.append({
      kind: 'search',
      actor,
      subject: null,
      outcome: 'done',
      ...purposeFact(purpose),
      detail: { job: params.id, count: licences.length },
    });
    return { status: 200, body: { licences, ...(next === undefined ? {} : { next }) } };
  });
  return router;
}

/** Format and charset by Content-Type. @throws MEDIA_TYPE, IMPORT_TOO_LARGE */
function readMedia(request: Request): Pick<ImportUpload, 'format' | 'charset'> {
  const format = formatOf(request);
  if (format === undefined || request.headers['content-encoding'] !== undefined) {
    throw gatewayError('MEDIA_TYPE', 'the body must be text/csv or application/x-ndjson');
  }
  if (Number(request.headers['content-length'] ?? 0) > MAX_IMPORT_BYTES) {
    throw gatewayError('IMPORT_TOO_LARGE', 'a file has 64 MiB at most');
  }
  const charset = charsetOf(request.headers['content-type'] ?? '');
  return { format, ...(charset === undefined ? {} : { charset }) };
}

function formatOf(request: Request): ImportUpload['format'] | undefined {
  if (request.is('text/csv')) return 'csv';
  return request.is('application/x-ndjson') ? 'ndjson' : undefined;
}

function charsetOf(contentType: string): TextCharset | undefined {
  const named = /;\s*charset="?([\w-]+)"?/i.exec(contentType)?.[1]?.toLowerCase();
  if (named === undefined) return undefined;
  if (['gb18030', 'gbk', 'gb2312'].includes(named)) return 'gb18030';
  // Spreadsheets say UTF-8 of whatever they save: the bytes decide.
  if (['utf-8', 'utf8'].includes(named)) return undefined;
  throw gatewayError('MEDIA_TYPE', 'the charset must be utf-8 or gb18030');
}
