// SPDX-License-Identifier: Apache-2.0
// The request on the counter's screen (docs/credential-format.md §4.3): made by the gateway, which will be asked to recognise
// the answer, or by the page when there is no gateway. The nonce is the page's own: a gateway cannot make an old answer count again.
import { formatRequest, parseRequest } from '@zhenglian/core/request';
import type { PresentationRequest } from '@zhenglian/core/request';
import { equals, toHex } from '@zhenglian/core/bytes';
import { call } from './http.ts';
import * as json from './json.ts';

/** A request being shown; `id` where the gateway knows it. */
export interface HolderRequest {
  readonly content: PresentationRequest;
  readonly text: string;
  readonly id?: string;
}

const LIFE = 120;
const shape = json.record({ id: json.text, text: json.text });

/** A new request for an act; `audience` names this counter's organisation. */
export async function makeRequest(
  act: string,
  audience: string,
  now: number,
): Promise<HolderRequest> {
  return (await askGateway(act, audience, now)) ?? makeHere(act, audience, now);
}

async function askGateway(
  act: string,
  audience: string,
  now: number,
): Promise<HolderRequest | undefined> {
  const nonce = crypto.getRandomValues(new Uint8Array(16));
  try {
    const body = { act, audience, nonce: toHex(nonce) };
    const { id, text } = await call({ path: 'presentation-requests', role: 'clerk', body }, shape);
    const content = parseRequest(text);
    if (content.act !== act || !equals(content.nonce, nonce)) return undefined;
    return { id, text, content: { ...content, expiresAt: now + LIFE } };
  } catch {
    return undefined; // no gateway, or none that answers: the page can ask a holder by itself
  }
}

function makeHere(act: string, audience: string, now: number): HolderRequest {
  const nonce = crypto.getRandomValues(new Uint8Array(16));
  const content = { nonce, audience, act, expiresAt: now + LIFE };
  return { content, text: formatRequest(content) };
}
