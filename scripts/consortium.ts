// SPDX-License-Identifier: Apache-2.0
// The consortium as its founders write it down (network/consortium.json), checked once.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseDay } from '@zhenglian/core/days';
import { CodedError } from '@zhenglian/core/errors';
import type { CborInput } from '@zhenglian/core/cbor';
import { parseDefinition, requireOwnPrefixes } from '@zhenglian/network/definition';
import type { NetworkDefinition } from '@zhenglian/network/definition';
import { z } from 'zod';

const label = z.strictObject({ zh: z.string(), en: z.string() });
const day = z.string().transform((text) => z.number().parse(parseDay(text)));
const organisation = z.strictObject({
  msp: z.string(),
  kind: z.enum(['province', 'regulator']),
  prefix: z.string().exactOptional(),
  name: label,
});
const authority = z.strictObject({
  uscc: z.string(),
  msp: z.string(),
  name: label,
  types: z.array(z.string()),
  divisions: z.array(z.string()),
});
const consortium = z.strictObject({
  channel: z.string(),
  k: z.int(),
  threshold: z.tuple([z.int(), z.int()]),
  testIdentities: z.boolean(),
  organisations: z.array(organisation),
  /** Of real nodes alone: the first of their ports, and who may join while they run (`add-org`). */
  fabric: z.strictObject({
    firstPort: z.int().min(1024).max(65_000),
    candidates: z.array(organisation.extend({ authorities: z.array(authority) })),
  }),
  authorities: z.array(authority),
  acts: z.array(
    z.strictObject({
      act: z.string(),
      label,
      maxBundleAge: z.int(),
      maxStatusAge: z.int(),
      leastHolder: z.enum(['document', 'recent', 'challenged']),
      leastAnchor: z.enum(['pending', 'covered', 'proven']),
    }),
  ),
  rules: z.array(
    z.strictObject({
      between: z.tuple([z.string(), z.string()]),
      type: z.string(),
      acts: z.array(z.string()),
      condition: z.json().optional(),
      mapping: z.record(z.string(), z.strictObject({ as: z.string() })),
      notBefore: day,
      notAfter: day,
      label,
    }),
  ),
});

/** What the founders agree on before anything runs. */
export type ConsortiumFile = z.infer<typeof consortium>;

/** Somebody who may join a running network, with the authorities to be accredited then. */
export type CandidateFile = ConsortiumFile['fabric']['candidates'][number];

/** Reads a consortium file. @throws START_FAILED naming what in it is wrong */
export function readConsortium(
  file = new URL('../network/consortium.json', import.meta.url),
): ConsortiumFile {
  const name = fileURLToPath(file);
  const result = consortium.safeParse(readJson(file, name));
  if (!result.success) {
    const issues = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw failed(`${name}: ${issues.join('; ')}`);
  }
  requireSound(result.data, name);
  networkDefinition(result.data); // both engines would refuse it, one of them with nodes running
  return result.data;
}

/** What either engine is founded from; four organisations are the least that bear one Byzantine fault. @throws START_FAILED */
export function networkDefinition(file: ConsortiumFile): NetworkDefinition {
  const { channel, k, threshold, testIdentities, organisations } = file;
  const definition = { channel, k, threshold, testIdentities, organisations };
  return parseDefinition(JSON.stringify(definition));
}

/** Who works at a desk, and so has a gateway: provinces that have an authority, and the regulator. */
export function desksOf({
  organisations,
  authorities,
}: ConsortiumFile): ConsortiumFile['organisations'] {
  return organisations.filter(
    ({ msp, kind }) => kind === 'regulator' || authorities.some((each) => each.msp === msp),
  );
}

/** The recognition rules of a file, one each way, as a gateway's RULES file holds them. */
export function rulesOf(file: ConsortiumFile): readonly CborInput[] {
  return file.rules.flatMap(({ between, condition, ...rest }) =>
    [between, [between[1], between[0]] as const].map(([from, to]) => ({
      version: 1,
      from,
      to,
      authorities: [],
      ...rest,
      ...(condition === undefined ? {} : { condition: condition }),
    })),
  );
}

/** Everybody is named once, and whoever is referred to is named. */
function requireSound(file: ConsortiumFile, name: string): void {
  const { organisations: members, fabric, authorities, rules } = file;
  const all = [...members, ...fabric.candidates];
  requireDistinct(
    all.map(({ msp }) => msp.toLowerCase()),
    `${name}: organisation`,
  );
  requireOwnPrefixes(
    all.map(({ prefix, ...rest }) => ({ ...rest, ...(prefix === undefined ? {} : { prefix }) })),
  );
  const bureaus = [...authorities, ...fabric.candidates.flatMap((each) => each.authorities)];
  requireDistinct(
    bureaus.map(({ uscc }) => uscc),
    `${name}: authority`,
  );
  const isMember = (msp: string) => members.some((member) => member.msp === msp);
  const strangers = [
    ...authorities.filter(({ msp }) => !isMember(msp)).map(({ msp }) => msp),
    ...fabric.candidates.flatMap(({ msp, authorities: own }) =>
      own.filter((each) => each.msp !== msp).map((each) => each.msp),
    ),
    ...rules.flatMap(({ between }) => between.filter((msp) => !isMember(msp))),
  ];
  if (strangers.length > 0) {
    throw failed(`${name}: nobody is called ${[...new Set(strangers)].join(', ')}: name it first`);
  }
}

function requireDistinct(names: readonly string[], what: string): void {
  const twice = names.find((each, i) => names.indexOf(each) !== i);
  if (twice !== undefined) throw failed(`${what} ${twice} stands twice`);
}

function readJson(file: URL, name: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new CodedError('START_FAILED', `${name} is not there or no JSON`, { cause });
  }
}

function failed(message: string): CodedError<'START_FAILED'> {
  return new CodedError('START_FAILED', message);
}
