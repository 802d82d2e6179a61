// SPDX-License-Identifier: Apache-2.0
// `npm run gateway -- rotate-key <uscc>`: asks a running gateway for an authority's next key. The token comes from a file.
import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { isUscc } from '@zhenglian/core/identifiers/uscc';
import { z } from 'zod';
import { demand, isComplete, readerOf } from './config/reading.ts';
import type { Environment } from './config/reading.ts';
import { gatewayError } from './problem-codes.ts';

const SETTINGS = {
  GATEWAY_URL: 'where the gateway is, http://127.0.0.1:8440',
  TOKEN_FILE: 'file with the token of an administrator',
} as const;

const rotated = z.object({ authority: z.string(), kid: z.string() });
const refused = z.object({ code: z.string(), title: z.string() });

/** Rotates, and gives the line to print. @throws CONFIG_INVALID, or the gateway's own answer */
export async function rotateKey(
  operands: readonly string[],
  env: Environment,
  fetchFrom: typeof fetch = fetch,
): Promise<string> {
  const [authority = '', ...others] = operands;
  if (!isUscc(authority) || others.length > 0) {
    throw gatewayError('CONFIG_INVALID', 'rotate-key takes the USCC of one authority');
  }
  const problems: string[] = [];
  const read = readerOf(SETTINGS, env, problems);
  const settings = {
    url: read('GATEWAY_URL', (text) => new URL('/v1/keys/rotations', text)),
    token: read('TOKEN_FILE', (path) => demand(readFileSync(path, 'utf8').trim(), /^\S+$/)),
  };
  if (!isComplete(settings)) throw gatewayError('CONFIG_INVALID', problems.join('\n'));
  const answer = await fetchFrom(settings.url, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${settings.token}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': randomUUID(),
    },
    body: JSON.stringify({ authority }),
  });
  const body: unknown = await answer.json();
  if (!answer.ok) {
    const { code, title } = refused.parse(body);
    throw new Error(`${code}: ${title}`);
  }
  const { kid } = rotated.parse(body);
  return `${authority} signs with ${kid} from now on`;
}
