// SPDX-License-Identifier: Apache-2.0
// Strict reading of DER (X.690) with hard limits; the only place that knows the ASN.1 library.
// The library reads BER: what it reads is written again and must be the same bytes.
import * as asn1 from 'asn1js';
import { equals } from './bytes.ts';
import { CodedError } from './errors.ts';

/** One decoded element: its tag, its whole bytes, its content bytes, its children if constructed. */
export interface DerNode {
  /** Universal, or specific to its context. */
  readonly universal: boolean;
  readonly tag: number;
  readonly raw: Uint8Array;
  readonly children: readonly DerNode[];
  readonly block: asn1.BaseBlock;
}

const LIMITS = { maxDepth: 16, maxNodes: 400, parseEmbedded: false };

/** Universal tag numbers used in certificates. */
export const DER = {
  boolean: 1,
  integer: 2,
  bitString: 3,
  octetString: 4,
  oid: 6,
  sequence: 16,
  set: 17,
};

/** Reads exactly one element. @throws CERTIFICATE_INVALID on anything but DER within `maxBytes` */
export function readDer(der: Uint8Array, maxBytes: number): DerNode {
  if (der.length === 0 || der.length > maxBytes) throw invalidDer('its size is out of bounds');
  try {
    const { offset, result } = asn1.fromBER(new Uint8Array(der), LIMITS);
    if (offset !== der.length || !equals(new Uint8Array(result.toBER()), der)) {
      throw invalidDer('not DER');
    }
    return node(result);
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw invalidDer('not DER', cause);
  }
}

/** The child at a place, with the wanted universal tag. @throws CERTIFICATE_INVALID */
export function child(parent: DerNode, index: number, tag: number): DerNode {
  const found = parent.children[index];
  if (found?.universal !== true || found.tag !== tag) throw invalidDer('an element is missing');
  return found;
}

/** Dotted text of an object identifier. @throws CERTIFICATE_INVALID */
export function oid(element: DerNode): string {
  if (!(element.block instanceof asn1.ObjectIdentifier)) throw invalidDer('not an identifier');
  return element.block.getValue();
}

/** Content of a bit string of whole bytes. @throws CERTIFICATE_INVALID */
export function bitString(element: DerNode): Uint8Array {
  const { block } = element;
  if (!(block instanceof asn1.BitString) || block.valueBlock.unusedBits !== 0) {
    throw invalidDer('not a string of whole bytes');
  }
  return new Uint8Array(block.valueBlock.valueHexView);
}

/** Content of an octet string. @throws CERTIFICATE_INVALID */
export function octetString(element: DerNode): Uint8Array {
  if (!(element.block instanceof asn1.OctetString)) throw invalidDer('not an octet string');
  return new Uint8Array(element.block.valueBlock.valueHexView);
}

/** Value of a boolean. @throws CERTIFICATE_INVALID */
export function boolean(element: DerNode): boolean {
  if (!(element.block instanceof asn1.Boolean)) throw invalidDer('not a boolean');
  return element.block.getValue();
}

/** Text of a UTF8String, PrintableString or IA5String. @throws CERTIFICATE_INVALID */
export function derText(element: DerNode): string {
  const { block } = element;
  if (
    block instanceof asn1.Utf8String ||
    block instanceof asn1.PrintableString ||
    block instanceof asn1.IA5String
  ) {
    return block.getValue();
  }
  throw invalidDer('not a text');
}

/** Unix seconds of a UTCTime or GeneralizedTime. @throws CERTIFICATE_INVALID */
export function derTime(element: DerNode): number {
  const { block } = element;
  if (!(block instanceof asn1.UTCTime)) throw invalidDer('not a time');
  const milliseconds = block.toDate().getTime();
  if (!Number.isFinite(milliseconds)) throw invalidDer('not a time');
  return Math.floor(milliseconds / 1000);
}

/** The error of everything in a certificate that is not as it must be. */
export function invalidDer(why: string, cause?: unknown): CodedError {
  return new CodedError('CERTIFICATE_INVALID', why, cause === undefined ? {} : { cause });
}

function node(block: asn1.BaseBlock): DerNode {
  const value: unknown = block instanceof asn1.Constructed ? block.valueBlock.value : [];
  const children: readonly unknown[] = Array.isArray(value) ? value : [];
  return {
    universal: block.idBlock.tagClass === 1,
    tag: block.idBlock.tagNumber,
    raw: new Uint8Array(block.valueBeforeDecodeView),
    children: children.filter((inner) => inner instanceof asn1.BaseBlock).map(node),
    block,
  };
}
