// SPDX-License-Identifier: Apache-2.0
// The consortium as its founders write it down (network/consortium.json), checked once.
import { readFileSync } from 'node:fs';
import { parseDay } from '@zhenglian/core/days';
import type { CborInput } from '@zhenglian/core/cbor';
import { parseDefinition } from '@zhenglian/network/embedded/definition';
import type { NetworkDefinition } from '@zhenglian/network/embedded/definition';
import { z } from 'zod';

const label = z.strictObject({ zh: z.string(), en: z.string() });
const day = z.string().transform((text) => z.number().parse(parseDay(text)));
const organisation = z.strictObject({
  msp: z.string(),
  kind: z.enum(['province', 'regulator']),
  prefix: z.string().exactOptional(),
  name: label,
});
const consortium = z.strictObject({
  channel: z.string(),
  k: z.int(),
  threshold: z.tuple([z.int(), z.int()]),
  testIdentities: z.boolean(),
  organisations: z.array(organisation),
  /** What the network of real Fabric nodes has beside: the first of its ports, further organisations. */
  fabric: z.strictObject({
    firstPort: z.int().min(1024).max(65_000),
    organisations: z.array(organisation),
  }),
  authorities: z.array(
    z.strictObject({
      uscc: z.string(),
      msp: z.string(),
      name: label,
      types: z.array(z.string()),
      divisions: z.array(z.string()),
    }),
  ),
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

/** Reads a consortium file. */
export function readConsortium(
  file = new URL('../network/consortium.json', import.meta.url),
): ConsortiumFile {
  return consortium.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** The definition of a network of real Fabric nodes; a Byzantine fault takes four organisations to bear. */
export function fabricDefinition(file: ConsortiumFile): NetworkDefinition {
  const { channel, k, threshold, testIdentities, organisations, fabric } = file;
  const provinces = [...organisations, ...fabric.organisations].filter(
    ({ kind }) => kind === 'province',
  );
  const others = [...organisations, ...fabric.organisations].filter(
    ({ kind }) => kind !== 'province',
  );
  const definition = {
    channel,
    k,
    threshold,
    testIdentities,
    organisations: [...provinces, ...others],
  };
  return parseDefinition(JSON.stringify(definition));
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
