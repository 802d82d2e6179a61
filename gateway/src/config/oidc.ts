// SPDX-License-Identifier: Apache-2.0
// Settings of sign-in by an identity provider (docs/accounts.md §6).
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ROLES } from '../accounts/principal.ts';
import { demand, jsonFile } from './reading.ts';
import type { Environment, Read } from './reading.ts';

const codes = (form: RegExp) => z.union([z.literal('all'), z.array(z.string().regex(form)).min(1)]);
const grantsFile = z
  .array(
    z.strictObject({
      claim: z.string().min(1).max(64),
      value: z.string().min(1).max(256),
      roles: z.array(z.enum(ROLES).exclude(['machine'])).min(1),
      divisions: codes(/^(?:\d{2}|\d{4}|\d{6})$/).default('all'),
      types: codes(/^[a-z][a-z0-9-]{0,31}$/).default('all'),
    }),
  )
  .min(1);
/** What a claim of this value gives; the first that fits counts. */
export type OidcGrant = z.infer<typeof grantsFile>[number];

/** The provider, who we are to it, and what its word gives. */
export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  /** Proves to the provider that it is us. */
  readonly proof: { readonly secret: string } | { readonly keyPem: string };
  /** Where browsers reach this gateway. */
  readonly origin: string;
  readonly grants: readonly OidcGrant[];
}

/** Environment variables, with what they mean. */
export const OIDC_SETTINGS = {
  OIDC_ISSUER: 'address of the identity provider, https (none)',
  OIDC_CLIENT_ID: 'what the provider calls this gateway',
  OIDC_SECRET_FILE: 'file with the client secret; or OIDC_KEY_FILE',
  OIDC_KEY_FILE: 'PEM file with a P-256 key for private_key_jwt (ES256)',
  OIDC_ORIGIN: 'where browsers reach this gateway: https://host[:port]',
  OIDC_GRANTS: 'JSON file [{"claim", "value", "roles", "divisions"?, "types"?}]',
} as const;

/** Reads the provider's settings; undefined without OIDC_ISSUER, or when something is wrong, which is noted. */
export function readOidc(
  env: Environment,
  read: Read<keyof typeof OIDC_SETTINGS>,
): OidcConfig | undefined {
  if (env['OIDC_ISSUER'] === undefined) return undefined;
  const issuer = read('OIDC_ISSUER', parseOrigin);
  const clientId = read('OIDC_CLIENT_ID', (text) => demand(text, /^[\x21-\x7e]{1,128}$/));
  const proof =
    env['OIDC_KEY_FILE'] === undefined
      ? read('OIDC_SECRET_FILE', (path) => ({ secret: secretOf(path) }))
      : read('OIDC_KEY_FILE', (path) => ({ keyPem: keyOf(path) }));
  const origin = read('OIDC_ORIGIN', (text) => new URL(parseOrigin(text)).origin);
  const grants = read('OIDC_GRANTS', (path) => jsonFile(path, grantsFile));
  return issuer && clientId && proof && origin && grants
    ? { issuer, clientId, proof, origin, grants }
    : undefined;
}

/** Plain HTTP is for this machine only. */
function parseOrigin(text: string): string {
  const { protocol, hostname } = new URL(text);
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  if (protocol !== 'https:' && !(protocol === 'http:' && isHere)) throw new RangeError('no https');
  return text;
}

function secretOf(path: string): string {
  return demand(readFileSync(path, 'utf8').trim(), /^[\x21-\x7e]{16,200}$/);
}

function keyOf(path: string): string {
  const pem = readFileSync(path, 'utf8');
  const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(pem);
  if (asymmetricKeyType !== 'ec' || asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new TypeError('not a P-256 key');
  }
  return pem;
}
