// SPDX-License-Identifier: Apache-2.0
// Where the ledger of a tour is (`ledger.json` in its data directory), so that other commands reach it: `npm run replay`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectEmbedded } from '@zhenglian/network/embedded/client';
import { parseDefinition } from '@zhenglian/network/definition';
import { organisationFolder } from '@zhenglian/network/embedded/identities';
import { openLayout } from '@zhenglian/network/fabric/added-organisations';
import { readMember } from '@zhenglian/network/fabric/members';
import type { Ledger } from '@zhenglian/network/ledger';
import { z } from 'zod';

const place = z.discriminatedUnion('engine', [
  z.strictObject({ engine: z.literal('embedded'), url: z.string(), channel: z.string() }),
  z.strictObject({
    engine: z.literal('fabric'),
    firstPort: z.int(),
    /** As parseDefinition reads it. */
    definition: z.json(),
  }),
]);

/** What `ledger.json` says. */
export type TourPlace = z.infer<typeof place>;

/** Name of the file in a tour's data directory. */
export const PLACE_FILE = 'ledger.json';

/** The folder of a tour's Fabric nodes. */
export function fabricFolder(dataDir: string): string {
  return join(dataDir, 'fabric');
}

/** Connects to the ledger of a tour that runs, as an organisation's gateway does. */
export async function connectTour(dataDir: string, msp: string): Promise<Ledger> {
  const where = place.parse(JSON.parse(readFileSync(join(dataDir, PLACE_FILE), 'utf8')));
  if (where.engine === 'fabric') {
    const definition = parseDefinition(JSON.stringify(where.definition));
    const layout = openLayout(fabricFolder(dataDir), definition, where.firstPort);
    // Only who runs Fabric loads its client library.
    const { connectFabric } = await import('@zhenglian/gateway/fabric-ledger');
    return connectFabric(readMember(layout, msp));
  }
  const { url, channel } = where;
  const folder = join(organisationFolder(join(dataDir, 'ledger'), msp), 'clients', 'gateway');
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const [certificatePem, keyPem] = [read('certificate.pem'), read('key.pem')];
  return connectEmbedded({ url, channel, msp, certificatePem, keyPem });
}
