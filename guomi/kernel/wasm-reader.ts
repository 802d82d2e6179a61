// SPDX-License-Identifier: Apache-2.0
// Reads the parts of a WebAssembly binary (core specification §5) that the taint check needs:
// types, functions, exports, and each body as a list of instructions.

export type Instruction = Readonly<{ name: string; operands: readonly number[]; at: number }>;
export type FunctionType = Readonly<{ parameters: number; results: number }>;
export type FunctionBody = Readonly<{
  type: FunctionType;
  imported: boolean;
  locals: number;
  code: readonly Instruction[];
}>;
export type WasmProgram = Readonly<{
  /** In the order of their indices; an imported one has no code. */
  functions: readonly FunctionBody[];
  types: readonly FunctionType[];
  exports: ReadonlyMap<string, number>;
}>;

/** Parses a module that imports functions and memory at most. @throws RangeError for what this package does not emit */
export function readWasm(binary: Uint8Array): WasmProgram {
  const reader = new Reader(binary, 8);
  const types: FunctionType[] = [];
  const signatures: number[] = [];
  const exports = new Map<string, number>();
  const imports: FunctionBody[] = [];
  const defined: FunctionBody[] = [];
  while (!reader.done) {
    const id = reader.byte();
    const end = reader.unsigned() + reader.position;
    if (id === 1) reader.vector(() => types.push(readType(reader)));
    if (id === 2) reader.vector(() => readImport(reader, types, imports));
    if (id === 3) reader.vector(() => signatures.push(reader.unsigned()));
    if (id === 7) reader.vector(() => readExport(reader, exports));
    if (id === 10) {
      reader.vector(() => {
        const type = types[signatures[defined.length] ?? -1];
        if (type === undefined) throw new RangeError('a function without a type');
        defined.push(readBody(reader, type));
      });
    }
    reader.position = end;
  }
  return { functions: [...imports, ...defined], types, exports };
}

function readType(reader: Reader): FunctionType {
  reader.byte();
  return {
    parameters: reader.vector(() => reader.byte()),
    results: reader.vector(() => reader.byte()),
  };
}

function readImport(
  reader: Reader,
  types: readonly FunctionType[],
  functions: FunctionBody[],
): void {
  for (let name = 0; name < 2; name += 1) reader.vector(() => reader.byte());
  const kind = reader.byte();
  if (kind === 0) {
    const type = types[reader.unsigned()];
    if (type === undefined) throw new RangeError('an import without a type');
    functions.push({ type, imported: true, locals: 0, code: [] });
  } else if (kind === 2) {
    const limits = reader.byte();
    for (let limit = 0; limit <= (limits & 1); limit += 1) reader.unsigned();
  } else {
    throw new RangeError('only functions and memory are expected to be imported');
  }
}

function readExport(reader: Reader, exports: Map<string, number>): void {
  let name = '';
  reader.vector(() => (name += String.fromCharCode(reader.byte())));
  const kind = reader.byte();
  const index = reader.unsigned();
  if (kind === 0) exports.set(name, index);
}

function readBody(reader: Reader, type: FunctionType): FunctionBody {
  const end = reader.unsigned() + reader.position;
  let locals = type.parameters;
  reader.vector(() => {
    locals += reader.unsigned();
    reader.byte();
  });
  const code: Instruction[] = [];
  while (reader.position < end) code.push(readInstruction(reader));
  return { type, imported: false, locals, code };
}

const NAMES: Readonly<Record<number, string>> = {
  0x00: 'unreachable',
  0x01: 'nop',
  0x02: 'block',
  0x03: 'loop',
  0x04: 'if',
  0x05: 'else',
  0x0b: 'end',
  0x0c: 'br',
  0x0d: 'br_if',
  0x0f: 'return',
  0x10: 'call',
  0x1a: 'drop',
  0x1b: 'select',
  0x20: 'local.get',
  0x21: 'local.set',
  0x22: 'local.tee',
  0x23: 'global.get',
  0x24: 'global.set',
  0x3f: 'memory.size',
  0x40: 'memory.grow',
  0x41: 'constant',
  0x42: 'constant',
};

function readInstruction(reader: Reader): Instruction {
  const at = reader.position;
  const opcode = reader.byte();
  if (opcode === 0xfc) return readPrefixed(reader, at);
  if (opcode === 0xfd) return readVector(reader, at);
  if (opcode >= 0x28 && opcode <= 0x3e) {
    reader.unsigned();
    reader.unsigned();
    return { name: opcode <= 0x35 ? 'load' : 'store', operands: [], at };
  }
  if (opcode >= 0x45 && opcode <= 0xc4) return { name: numeric(opcode), operands: [], at };
  const name = NAMES[opcode];
  if (name === undefined) throw new RangeError(`opcode ${opcode.toString(16)} is not expected`);
  return { name, operands: operandsOf(name, opcode, reader), at };
}

function operandsOf(name: string, opcode: number, reader: Reader): number[] {
  if (['block', 'loop', 'if'].includes(name)) return [reader.byte()];
  if (opcode === 0x41 || opcode === 0x42) reader.signed();
  const indexed = [
    'br',
    'br_if',
    'call',
    'local.get',
    'local.set',
    'local.tee',
    'global.get',
    'global.set',
  ];
  if (indexed.includes(name)) return [reader.unsigned()];
  if (name.startsWith('memory.')) reader.byte();
  return [];
}

/** Divisions take a time that depends on their operands; the others do not. */
function numeric(opcode: number): string {
  const divisions = [0x6d, 0x6e, 0x6f, 0x70, 0x7f, 0x80, 0x81, 0x82];
  if (divisions.includes(opcode)) return 'divide';
  const unary = [0x45, 0x50, 0x67, 0x68, 0x69, 0x79, 0x7a, 0x7b].includes(opcode) || opcode >= 0xa7;
  return unary ? 'unary' : 'binary';
}

function readPrefixed(reader: Reader, at: number): Instruction {
  const code = reader.unsigned();
  if (code === 10) {
    reader.unsigned();
    reader.unsigned();
    return { name: 'memory.copy', operands: [], at };
  }
  if (code !== 11) throw new RangeError(`prefixed opcode ${code} is not expected`);
  reader.unsigned();
  return { name: 'memory.fill', operands: [], at };
}

const VECTOR_UNARY = new Set([
  77, 97, 129, 161, 193, 135, 136, 137, 138, 167, 168, 169, 170, 199, 200, 201, 202,
]);
const VECTOR_LOADS = new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 92, 93]);

function readVector(reader: Reader, at: number): Instruction {
  const code = reader.unsigned();
  const step = (name: string, bytes = 0): Instruction => {
    reader.position += bytes;
    return { name, operands: [], at };
  };
  if (VECTOR_LOADS.has(code) || code === 11) {
    reader.unsigned();
    reader.unsigned();
    return step(code === 11 ? 'store' : 'load');
  }
  if (code === 12) return step('constant', 16);
  if (code === 13) return step('binary', 16);
  if (code >= 15 && code <= 20) return step('unary');
  if (code >= 21 && code <= 34)
    return step([23, 26, 28, 30, 32, 34].includes(code) ? 'binary' : 'unary', 1);
  if (code === 82) return step('ternary');
  if (code >= 84 && code <= 91) throw new RangeError('vector lane memory is not expected');
  return step(VECTOR_UNARY.has(code) || code === 83 ? 'unary' : 'binary');
}

class Reader {
  position: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = bytes;
    this.position = position;
  }

  get done(): boolean {
    return this.position >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.position];
    if (byte === undefined) throw new RangeError('the module ends too early');
    this.position += 1;
    return byte;
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  signed(): void {
    while (this.byte() >= 0x80);
  }

  /** Reads a count, then so many items; returns the count. */
  vector(item: () => unknown): number {
    const count = this.unsigned();
    for (let index = 0; index < count; index += 1) item();
    return count;
  }
}
