// SPDX-License-Identifier: Apache-2.0
// Sends a file in parts (docs/imports.md §2). When the line breaks it asks how much arrived and goes on from there; the
// file stays the same, for its digest was promised first.
import { toHex } from '@zhenglian/core/bytes';
import { call, GatewayProblem, identify, newKey } from './http.ts';
import * as json from './json.ts';
import { PageError } from './page-error.ts';

const role = 'officer';
const PART_BYTES = 4 << 20;
/** What a browser reads into memory at once; larger files go without a digest. */
const DIGEST_BYTES = 64 << 20;
const TRIES = 20;
const PAUSE = 1500;
const uploadShape = json.record({ id: json.text, offset: json.number, bytes: json.number });

/** Sends the whole file; `told` hears the share that arrived. Returns the upload's id. @throws GatewayProblem, PageError */
export async function uploadFile(file: Blob, told: (share: number) => void): Promise<string> {
  const digest = file.size > DIGEST_BYTES ? undefined : await digestOf(file);
  const body = { bytes: file.size, ...(digest === undefined ? {} : { sha256: digest }) };
  const { id } = await call({ path: 'uploads', role, body, key: newKey() }, uploadShape);
  let offset = 0;
  let tries = 0;
  while (offset < file.size) {
    told(offset / file.size);
    try {
      await sendPart(id, offset, file.slice(offset, offset + PART_BYTES));
      offset = Math.min(file.size, offset + PART_BYTES);
      tries = 0;
    } catch (error) {
      tries += 1;
      if (!isWorthAnother(error) || tries > TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      offset = await arrived(id, offset);
    }
  }
  told(1);
  return id;
}

async function digestOf(file: Blob): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer())));
}

async function sendPart(id: string, offset: number, part: Blob): Promise<void> {
  const headers = identify({ role });
  headers.set('Content-Type', 'application/offset+octet-stream');
  headers.set('Upload-Offset', String(offset));
  let response: Response;
  try {
    response = await fetch(`/v1/uploads/${id}`, { method: 'PATCH', headers, body: part });
  } catch (cause) {
    throw new PageError('GATEWAY_UNREACHABLE', 'the line broke', { cause });
  }
  if (response.ok) return;
  const answer: unknown = await response.json().catch(() => ({}));
  const { code } = json.record({ code: json.optional(json.text) })(answer, 'problem');
  throw new GatewayProblem(code ?? 'GATEWAY_UNREACHABLE', response.status, []);
}

/** A broken line, a busy gateway, a part that had arrived after all. */
function isWorthAnother(error: unknown): boolean {
  if (error instanceof GatewayProblem) return error.status >= 500 || error.code === 'UPLOAD_OFFSET';
  return error instanceof PageError;
}

/** How far the gateway is; where we believed to be while it does not answer. */
async function arrived(id: string, believed: number): Promise<number> {
  try {
    return (await call({ path: `uploads/${id}`, role }, uploadShape)).offset;
  } catch (error) {
    if (error instanceof GatewayProblem && error.status < 500) throw error;
    return believed;
  }
}
