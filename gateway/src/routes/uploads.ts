// SPDX-License-Identifier: Apache-2.0
// Files in parts: announced, sent from where the last part ended, imported.
import { Router } from 'express';
import type { Request } from 'express';
import type { GatewayContext } from '../context.ts';
import { tooManyBytes } from '../imports/receive-import.ts';
import { importUpload } from '../imports/start-import.ts';
import { gatewayError } from '../problem-codes.ts';
import { serve } from '../routing.ts';
import { importUploaded } from '../schemas/imports.ts';
import {
  appendUploadOperation,
  createUpload,
  getUpload,
  removeUploadOperation,
  UPLOAD_PART,
} from '../schemas/uploads.ts';
import { appendUpload, newUpload } from '../uploads/append-upload.ts';
import { KEPT_SECONDS, removeUpload } from '../uploads/remove-upload.ts';
import { loadUpload, storeUpload } from '../uploads/upload-record.ts';
import type { Upload } from '../uploads/upload-record.ts';

export function uploadsRoutes(context: GatewayContext): Router {
  const router = Router();
  const { store, config } = context;

  serve(router, context, createUpload, async ({ body, actor, remember }) => {
    const { bytes, sha256 } = body;
    if (bytes > config.importMaxBytes) throw tooManyBytes(config.importMaxBytes);
    const digest = sha256 === undefined ? {} : { digest: sha256 };
    const upload = newUpload(context, { actor, bytes, ...digest });
    const location = { Location: `/v1/uploads/${upload.id}` };
    const answer = { status: 201, headers: location, body: viewUpload(upload) };
    await store.write([storeUpload(upload), ...remember(answer)]);
    return answer;
  });

  serve(router, context, getUpload, async ({ params, actor }) => {
    const upload = await loadUpload(store, params.id, actor);
    return { status: 200, headers: offsetOf(upload), body: viewUpload(upload) };
  });

  serve(router, context, appendUploadOperation, async ({ params, actor, request }) => {
    if (!request.is(UPLOAD_PART)) {
      throw gatewayError('MEDIA_TYPE', `the body must be ${UPLOAD_PART}`);
    }
    const offset = readOffset(request);
    const upload = await appendUpload(context, { id: params.id, actor, offset, body: request });
    return { status: 204, headers: offsetOf(upload) };
  });

  serve(router, context, removeUploadOperation, async ({ params, actor }) => {
    await removeUpload(context, (await loadUpload(store, params.id, actor)).id);
    return { status: 204 };
  });

  serve(router, context, importUploaded, async ({ params, body, actor, remember }) => {
    const { type: code, dryRun, twoOfficers, ...form } = body;
    const type = context.desk.typeOf(code);
    context.desk.requireIssuer(code);
    const job = await importUpload(
      context,
      { type, actor, dryRun, twoOfficers },
      { upload: params.id, form },
      ({ id }) => remember({ status: 202, body: { id } }),
    );
    context.imports.notify();
    return { status: 202, body: { id: job.id } };
  });
  return router;
}

function viewUpload({ id, bytes, offset, state, at }: Upload) {
  return { id, bytes, offset, complete: state === 'complete', expiresAt: at + KEPT_SECONDS };
}

function offsetOf({ offset, bytes }: Upload) {
  return { 'Upload-Offset': String(offset), 'Upload-Length': String(bytes) };
}

function readOffset(request: Request): number {
  const given = request.headers['upload-offset'];
  if (typeof given === 'string' && /^\d{1,15}$/.test(given)) return Number(given);
  throw gatewayError('UPLOAD_OFFSET', 'Upload-Offset must say at which byte this part begins');
}
