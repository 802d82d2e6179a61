// SPDX-License-Identifier: Apache-2.0
// Parts of requests and answers about accounts (docs/accounts.md).
import { z } from 'zod';
import { typeCode } from './values.ts';

const division = z.string().regex(/^(?:\d{2}|\d{4}|\d{6})$/);

export const scope = z.strictObject({
  divisions: z.union([z.literal('all'), z.array(division).min(1).max(64)]),
  types: z.union([z.literal('all'), z.array(typeCode).min(1).max(64)]),
});
