// SPDX-License-Identifier: Apache-2.0
// Accounts of the tour: one a service and role, with passwords made for this network. They are made as an administrator
// makes them anywhere: an invitation, then a password (docs/accounts.md).
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as requestPlain } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as requestTls } from 'node:https';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { TlsFiles } from './self-signed.ts';

export const tourAccount = z.strictObject({
  service: z.string(),
  role: z.string(),
  name: z.string(),
  password: z.string(),
});
type TourAccount = z.infer<typeof tourAccount>;

/** What is to be there. */
export interface AccountsWanted {
  /** What there was in the last run. */
  readonly last: { readonly accounts: readonly TourAccount[] } | undefined;
  readonly tokens: readonly {
    readonly service: string;
    readonly role: string;
    readonly token: string;
  }[];
  readonly services: readonly {
    readonly name: string;
    readonly role: string;
    readonly url: string;
  }[];
  /** With a self-made certificate. */
  readonly tls: TlsFiles | undefined;
}

const invited = z.object({ invitation: z.string() });
const listed = z.object({ accounts: z.array(z.object({ id: z.string(), name: z.string() })) });

/** The accounts of the last run, and new ones where there was none. */
export async function ensureAccounts(wanted: AccountsWanted): Promise<TourAccount[]> {
  const accounts: TourAccount[] = [];
  for (const service of wanted.services) {
    for (const role of service.role === 'province' ? ['officer', 'clerk'] : ['regulator']) {
      const last = wanted.last?.accounts.find((a) => a.service === service.name && a.role === role);
      accounts.push(last ?? (await makeAccount(wanted, service, role)));
    }
  }
  return accounts;
}

async function makeAccount(
  { tokens, tls }: AccountsWanted,
  service: AccountsWanted['services'][number],
  role: string,
): Promise<TourAccount> {
  const token = tokens.find((t) => t.service === service.name && t.role === 'administrator')?.token;
  const send = (path: string, body?: unknown) =>
    ask({ url: service.url + path, body, token, certificate: tls?.certificate });
  const name = `demo.${role}`;
  const password = randomBytes(10)
    .toString('hex')
    .replace(/.{5}(?=.)/g, '$&-');
  // A start that was killed may have made it, and kept no password.
  const { accounts } = listed.parse(await send('/v1/accounts'));
  const there = accounts.find((account) => account.name === name);
  const order = { name, roles: [role], scope: { divisions: 'all', types: 'all' } };
  const made =
    there === undefined
      ? await send('/v1/accounts', order)
      : await send(`/v1/accounts/${there.id}/recovery`, {});
  const { invitation } = invited.parse(made);
  await send('/v1/accounts/activation', { name, invitation, password });
  return { service: service.name, role, name, password };
}

/** Fetch would not take a certificate of our own. */
async function ask(order: {
  readonly url: string;
  readonly body: unknown;
  readonly token: string | undefined;
  readonly certificate: string | undefined;
}): Promise<unknown> {
  const { url, body, token, certificate } = order;
  const headers = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const options = { method: body === undefined ? 'GET' : 'POST', headers };
  const request =
    certificate === undefined
      ? requestPlain(url, options)
      : requestTls(url, { ...options, ca: readFileSync(certificate) });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve).on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
  const answer: unknown = JSON.parse(await text(response));
  if ((response.statusCode ?? 500) < 300) return answer;
  throw new Error(`the gateway refused an account of the tour: ${JSON.stringify(answer)}`);
}
