// SPDX-License-Identifier: Apache-2.0
// An issuing bureau, accredited by vote (docs/ledger.md §2).
import type { CborValue } from '../cbor.ts';
import { list, oneOf, record, text } from '../shape.ts';
import type { Shaped } from '../shape.ts';
import { label, msp, stamp, typeCode, uscc } from './fields.ts';

const content = {
  uscc,
  msp,
  name: label,
  types: list(typeCode, 64),
  divisions: list(text(6, /^(?:\d{2}){1,3}$/), 512),
  status: oneOf('accredited', 'withdrawn'),
};
export const authorityBody = record(content);
export const authority = record({ ...content, ...stamp });

/** What a proposal about an authority says. */
export type AuthorityBody = Shaped<typeof authorityBody>;
/** Record `auth/<uscc>`. */
export type Authority = Shaped<typeof authority>;

/** @throws SHAPE_INVALID */
export function parseAuthority(value: CborValue): Authority {
  return authority(value, 'authority');
}
