// SPDX-License-Identifier: Apache-2.0
// Operations on files that arrive in parts (docs/imports.md §2).
import { z } from 'zod';
import { defineOperation } from '../routing.ts';
import { id, idParams, unixTime } from './values.ts';

const size = z.int().min(0);
const upload = z.strictObject({
  id,
  bytes: size,
  offset: size,
  complete: z.boolean(),
  /** When it is deleted unless something is done with it. */
  expiresAt: unixTime,
});
export const UPLOAD_PART = 'application/offset+octet-stream';

export const createUpload = defineOperation({
  method: 'post',
  path: '/v1/uploads',
  summary: 'Announce a file that will come in parts',
  access: ['officer', 'machine'],
  issuing: true,
  idempotent: true,
  body: z.strictObject({
    bytes: z.int().min(1),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
  }),
  answers: { 201: upload },
  codes: ['IMPORT_TOO_LARGE'],
});

/** GET answers HEAD too: Upload-Offset and Upload-Length are headers. */
export const getUpload = defineOperation({
  method: 'get',
  path: '/v1/uploads/:id',
  summary: 'How much of a file is here',
  access: ['officer', 'machine'],
  issuing: true,
  params: idParams,
  answers: { 200: upload },
  codes: ['UPLOAD_UNKNOWN'],
});

export const appendUploadOperation = defineOperation({
  method: 'patch',
  path: '/v1/uploads/:id',
  summary: 'Send bytes of a file from Upload-Offset on',
  access: ['officer', 'machine'],
  issuing: true,
  params: idParams,
  streams: [UPLOAD_PART],
  answers: { 204: z.undefined() },
  codes: ['UPLOAD_UNKNOWN', 'UPLOAD_OFFSET', 'UPLOAD_DIGEST', 'BODY_TOO_LARGE', 'MEDIA_TYPE'],
});

export const removeUploadOperation = defineOperation({
  method: 'delete',
  path: '/v1/uploads/:id',
  summary: 'Give a file up',
  access: ['officer', 'machine'],
  issuing: true,
  params: idParams,
  answers: { 204: z.undefined() },
  codes: ['UPLOAD_UNKNOWN'],
});
