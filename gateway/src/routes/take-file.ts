// SPDX-License-Identifier: Apache-2.0
// A whole file in one request: a text is read as it streams by, a workbook is put down first, for its parts are not in
// order. The Idempotency-Key is looked at when the file is known.
import type { Request } from 'express';
import { isCodedError } from '@zhenglian/core/errors';
import type { GatewayContext } from '../context.ts';
import type { TextCharset } from '../imports/decode-text.ts';
import { receiveImport, tooManyBytes } from '../imports/receive-import.ts';
import type { FileForm } from '../imports/row-source.ts';
import { beginJob, importUpload } from '../imports/start-import.ts';
import type { ImportOrder } from '../imports/start-import.ts';
import { once } from '../middleware/idempotency.ts';
import type { Answer } from '../middleware/idempotency.ts';
import { gatewayError } from '../problem-codes.ts';
import { XLSX } from '../schemas/imports.ts';
import { receiveUpload } from '../uploads/append-upload.ts';
import { removeUpload } from '../uploads/remove-upload.ts';

/** Takes the body in and begins its import. @throws MEDIA_TYPE, IMPORT_*, STORAGE_FULL */
export function takeFile(
  context: GatewayContext,
  request: Request,
  order: ImportOrder,
): Promise<Answer> {
  const { format, charset } = readForm(request);
  const { importMaxBytes: maxBytes } = context.config;
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooManyBytes(maxBytes);
  if (format === 'xlsx') return takeWorkbook(context, request, order);
  const form = { format, ...(charset === undefined ? {} : { charset }) };
  return takeText(context, request, order, form);
}

async function takeText(
  context: GatewayContext,
  request: Request,
  order: ImportOrder,
  form: FileForm & { readonly format: 'csv' | 'ndjson' },
): Promise<Answer> {
  const { importMaxBytes: maxBytes } = context.config;
  const stream = { type: order.type, form, body: request, maxBytes };
  const received = await receiveImport(context, beginJob(context, order), stream);
  const taken = { isAccepted: false };
  try {
    return await once(
      context,
      request,
      () => received.digest,
      async (remember) => {
        const answer = { status: 202, body: { id: received.job.id } };
        await received.accept(remember(answer));
        taken.isAccepted = true;
        return answer;
      },
    );
  } finally {
    if (!taken.isAccepted) await received.discard();
  }
}

async function takeWorkbook(
  context: GatewayContext,
  request: Request,
  order: ImportOrder,
): Promise<Answer> {
  const { importMaxBytes } = context.config;
  const { actor } = order;
  const file = { actor, body: request, maxBytes: importMaxBytes };
  const upload = await receiveUpload(context, file).catch((cause: unknown) => {
    throw isCodedError<string>(cause, 'BODY_TOO_LARGE') ? tooManyBytes(importMaxBytes) : cause;
  });
  const taken = { isAccepted: false };
  try {
    return await once(
      context,
      request,
      () => upload.digest ?? '',
      async (remember) => {
        const workbook = { upload: upload.id, form: { format: 'xlsx' as const } };
        const job = await importUpload(context, order, workbook, ({ id }) =>
          remember({ status: 202, body: { id } }),
        );
        taken.isAccepted = true;
        return { status: 202, body: { id: job.id } };
      },
    );
  } finally {
    if (!taken.isAccepted) await removeUpload(context, upload.id);
  }
}

/** Format and charset by Content-Type. @throws MEDIA_TYPE */
function readForm(request: Request): FileForm {
  const format = formatOf(request);
  if (format === undefined || request.headers['content-encoding'] !== undefined) {
    throw gatewayError('MEDIA_TYPE', 'the body must be text/csv, application/x-ndjson or XLSX');
  }
  const charset = charsetOf(request.headers['content-type'] ?? '');
  return { format, ...(charset === undefined ? {} : { charset }) };
}

function formatOf(request: Request): FileForm['format'] | undefined {
  if (request.is('text/csv')) return 'csv';
  if (request.is(XLSX)) return 'xlsx';
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
