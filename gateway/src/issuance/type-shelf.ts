// SPDX-License-Identifier: Apache-2.0
// The licence types at hand: those of the trust bundle, parsed once for each bundle.
import { decodeCbor } from '@zhenglian/core/cbor';
import { CodedError } from '@zhenglian/core/errors';
import { parseFoundingDefinition } from '@zhenglian/core/records/founding';
import type { TrustBundle } from '@zhenglian/core/records/trust-bundle';
import { parseTypeDefinition } from '@zhenglian/core/types/definition';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import type { Replica } from '../replica/replica.ts';

/** Types and rules of the network as of now. */
export interface TypeShelf {
  /** The newest version unless one is given. @throws TYPE_UNKNOWN, LEDGER_UNAVAILABLE */
  typeOf(code: string, version?: number): TypeDefinition;
  /** Newest version of each type. */
  newest(): readonly TypeDefinition[];
  /** Whether an authority may issue a type as of now. */
  isAccredited(uscc: string, type: string): boolean;
  /** Whether area 999999 is admitted here. */
  testIdentities(): boolean;
}

interface Shelf {
  readonly types: readonly TypeDefinition[];
  readonly testIdentities: boolean;
  /** `uscc type` of every living accreditation. */
  readonly accredited: ReadonlySet<string>;
}

/** A shelf over a replica's bundle. */
export function createTypeShelf(replica: Pick<Replica, 'trustBundle'>): TypeShelf {
  const shelves = new WeakMap<TrustBundle, Shelf>();
  const shelf = (): Shelf => {
    const { bundle } = replica.trustBundle();
    const known = shelves.get(bundle) ?? readShelf(bundle);
    shelves.set(bundle, known);
    return known;
  };
  const newest = () => {
    const byCode = new Map<string, TypeDefinition>();
    for (const type of shelf().types) {
      if (type.version >= (byCode.get(type.code)?.version ?? 0)) byCode.set(type.code, type);
    }
    return [...byCode.values()];
  };
  return {
    typeOf(code, version) {
      const found =
        version === undefined
          ? newest().find((type) => type.code === code)
          : shelf().types.find((type) => type.code === code && type.version === version);
      if (found === undefined) throw new CodedError('TYPE_UNKNOWN', 'the network has no such type');
      return found;
    },
    newest,
    isAccredited: (uscc, type) => shelf().accredited.has(`${uscc} ${type}`),
    testIdentities: () => shelf().testIdentities,
  };
}

function readShelf(bundle: TrustBundle): Shelf {
  const definition = parseFoundingDefinition(decodeCbor(bundle.definition));
  return {
    types: bundle.types.flatMap(({ definition: type }) => readType(type)),
    testIdentities: definition.testIdentities,
    accredited: new Set(
      bundle.authorities
        .filter(({ status }) => status === 'accredited')
        .flatMap(({ uscc, types }) => types.map((type) => `${uscc} ${type}`)),
    ),
  };
}

/** A definition of a later form than this program knows is not at hand; the others are. */
function readType(definition: Parameters<typeof parseTypeDefinition>[0]): TypeDefinition[] {
  try {
    return [parseTypeDefinition(definition)];
  } catch {
    return [];
  }
}
