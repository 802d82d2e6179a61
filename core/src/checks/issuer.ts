// SPDX-License-Identifier: Apache-2.0
// Who signed, and whether it might: signature, authority, key and scope. The records come from the co-signed bundle.
import { equals } from '../bytes.ts';
import { dayAt } from '../days.ts';
import { isTestArea } from '../identifiers/division.ts';
import { parseUscc } from '../identifiers/uscc.ts';
import type { CheckName, CheckResult } from '../report.ts';
import { verifyAllFor } from '../signing.ts';
import { foundingOf } from '../trust.ts';
import { found } from './check.ts';
import type { Check, Subject } from './check.ts';

/** Longer than any peer that answers may be behind. */
const LAG_SECONDS = 3600;

/** The SM2 signature of the authority's key over the rebuilt payload: a wrong field and a wrong signature are one failure. */
export const checkSignature: Check = (subject) => {
  if (subject.key === undefined) return absent(subject, 'signature', 'KEY_UNKNOWN');
  return subject.signed === true
    ? found('signature', 'pass', 'OK')
    : found('signature', 'fail', 'SIGNATURE_INVALID');
};

/** For each subject whose key is known whether it signed; many are checked together. */
export function withSignatures(subjects: readonly Subject[]): readonly Subject[] {
  const claims = subjects.flatMap(({ key, wire, policy, opened }) => {
    if (key === undefined) return [];
    const content = { networkId: policy.networkId, payload: opened.payload };
    const { publicKey } = key;
    return [{ purpose: 'licence' as const, ...content, publicKey, signature: wire.signature }];
  });
  const answers = verifyAllFor(claims);
  let next = 0;
  return subjects.map((subject) =>
    subject.key === undefined ? subject : { ...subject, signed: answers[next++] === true },
  );
}

/** The authority is accredited for the type; one withdrawn, or no longer for this type, only for what the ledger anchored before. */
export const checkAuthority: Check = (subject) => {
  const { authority, key, type } = subject;
  if (key === undefined) return absent(subject, 'authority', 'KEY_UNKNOWN');
  if (authority === undefined) return absent(subject, 'authority', 'AUTHORITY_UNKNOWN');
  const accredited = authority.status === 'accredited' && authority.types.includes(type.code);
  if (accredited) return found('authority', 'pass', 'OK');
  return isAnchored(subject)
    ? found('authority', 'pass', 'AUTHORITY_WITHDRAWN')
    : found('authority', 'unknown', 'AUTHORITY_WITHDRAWN');
};

/** The key was in its window and is not burned below this index. */
export const checkKey: Check = (subject) => {
  const { key, wire } = subject;
  if (key === undefined) return absent(subject, 'key', 'KEY_UNKNOWN');
  if (wire.firstDay < dayAt(key.notBefore) || wire.firstDay > dayAt(key.notAfter)) {
    return found('key', 'fail', 'KEY_WINDOW');
  }
  if (key.burned === undefined) return found('key', 'pass', 'OK');
  const lastGood = key.burned.lastGood.get(wire.epoch);
  if (lastGood === undefined || wire.index > lastGood) return found('key', 'fail', 'KEY_BURNED');
  return found('key', 'pass', 'KEY_BURNED'); // good only with the anchor proven: see the anchor check
};

/** Key and authority may issue this type, and to this division where the licence names one. */
export const checkScope: Check = (subject) => {
  const { key, authority, type } = subject;
  if (key === undefined || authority === undefined) return absent(subject, 'scope', 'KEY_UNKNOWN');
  const listed = key.types.includes(type.code) && key.uscc === authority.uscc;
  if (!listed) return found('scope', 'fail', 'SCOPE_TYPE');
  const area = subjectArea(subject);
  if (area === undefined || authority.divisions.length === 0) return found('scope', 'pass', 'OK');
  return authority.divisions.some((division) => area.startsWith(division))
    ? found('scope', 'pass', 'OK')
    : found('scope', 'fail', 'SCOPE_DIVISION');
};

/**
 * What a bundle does not name is refused only when it answered our own nonce and the copy is old enough that peers which
 * lag behind would have heard of its key; an older bundle may lack a new key.
 */
function absent(
  { trust, wire }: Subject,
  name: CheckName,
  reason: 'KEY_UNKNOWN' | 'AUTHORITY_UNKNOWN',
): CheckResult {
  if (trust === undefined) return found(name, 'unknown', 'NO_EVIDENCE');
  const settled = trust.current && wire.firstDay < dayAt(trust.at - LAG_SECONDS);
  return found(name, settled ? 'fail' : 'unknown', reason);
}

function isAnchored({ facts, wire }: Subject): boolean {
  return (
    facts.epoch?.evidence.batches.some(
      (b) => wire.index >= b.first && wire.index < b.first + b.count && equals(b.kid, wire.kid),
    ) ?? false
  );
}

/** The area of an enterprise's own code, where it is shown; test identities belong to no division. */
function subjectArea({ opened, type, trust }: Subject): string | undefined {
  const shown = opened.fields.find(({ slot }) => slot.name === type.subject);
  if (shown?.slot.kind !== 'uscc' || typeof shown.value !== 'string') return undefined;
  const { area } = parseUscc(shown.value);
  const test = trust !== undefined && foundingOf(trust.bundle).testIdentities && isTestArea(area);
  return test ? undefined : area;
}
