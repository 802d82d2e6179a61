// SPDX-License-Identifier: Apache-2.0
// Bearer tokens: of the bootstrap file, and access tokens that machine clients were granted.
import type { Request } from 'express';
import { ACCESS_PREFIX } from '../accounts/clients.ts';
import type { Clients } from '../accounts/clients.ts';
import { principalOfToken } from '../tokens.ts';
import type { TokenDigests } from '../tokens.ts';
import type { Authenticator } from './auth.ts';
import type { LookUp } from './look-up-limits.ts';

const BEARER = /^Bearer ([\x21-\x7e]{1,200})$/i;

/** Tokens of the TOKENS file. */
export function bootstrapTokens(tokens: TokenDigests): Authenticator {
  return (request) => {
    const token = bearerOf(request);
    return Promise.resolve(token === undefined ? undefined : principalOfToken(tokens, token));
  };
}

/** Access tokens of machine clients. */
export function machineTokens(clients: Pick<Clients, 'principalOf'>): LookUp {
  const credentialOf = (request: Request) => {
    const token = bearerOf(request);
    return token?.startsWith(ACCESS_PREFIX) === true ? token : undefined;
  };
  return {
    credentialOf,
    async find(request) {
      const token = credentialOf(request);
      return token === undefined ? undefined : clients.principalOf(token);
    },
  };
}

function bearerOf(request: Request): string | undefined {
  return BEARER.exec(request.headers.authorization ?? '')?.[1];
}
