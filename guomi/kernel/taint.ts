// SPDX-License-Identifier: Apache-2.0
// Follows secrets through a compiled module: everything that is read from memory counts as secret,
// only constants and what is made of them do not. A branch, an address, a length or a division that
// depends on a secret is a leak. Locals are followed along the control flow, loops to a fixed point.
import type { FunctionBody, Instruction, WasmProgram } from './wasm-reader.ts';

export type Leak = Readonly<{ function: number; at: number; what: string }>;

/** All leaks in the exported functions `roots`, called with public arguments, and in what they call. */
export function findLeaks(program: WasmProgram, roots: readonly string[]): readonly Leak[] {
  const analysis = new Analysis(program);
  // A global may be read before the function that makes it secret was followed: again until no more become so.
  do {
    for (const name of roots) {
      const index = program.exports.get(name);
      if (index === undefined) throw new RangeError(`${name} is not exported`);
      const parameters = program.functions[index]?.type.parameters ?? 0;
      analysis.call(
        index,
        Array.from({ length: parameters }, () => false),
      );
    }
  } while (analysis.begunAnew());
  return analysis.leaks();
}

/** An open block: what its end inherits from branches, and for loops where and how they begin. */
type Frame = {
  readonly kind: string;
  readonly start: number;
  readonly height: number;
  readonly results: number;
  entry: boolean[];
  exit: boolean[] | undefined;
  carried: boolean;
  again: boolean;
  hasElse: boolean;
};

class Analysis {
  readonly #program: WasmProgram;
  readonly #known = new Map<string, boolean>();
  readonly #leaks = new Map<string, Leak>();
  readonly #secretGlobals = new Set<number>();
  #isGrown = false;

  constructor(program: WasmProgram) {
    this.#program = program;
  }

  leaks(): readonly Leak[] {
    return [...this.#leaks.values()];
  }

  leak(index: number, { at }: Instruction, what: string): void {
    this.#leaks.set(`${index}/${at}`, { function: index, at, what });
  }

  /** Says whether the result is secret when these arguments are. */
  call(index: number, secret: readonly boolean[]): boolean {
    const key = `${index}/${secret.join()}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, false); // the kernels do not recurse
    const body = this.#program.functions[index];
    if (body === undefined) throw new RangeError(`no function ${index}`);
    const result = new Run(this, index, body, secret).result();
    this.#known.set(key, result);
    return result;
  }

  /** A call from a body; what is imported cannot be followed from here, so it counts as a leak. */
  callFrom(caller: number, instruction: Instruction, stack: boolean[]): void {
    const [index = -1] = instruction.operands;
    const body = this.#program.functions[index];
    if (body === undefined) throw new RangeError(`no function ${index}`);
    if (body.imported) this.leak(caller, instruction, 'a call out of the module');
    const { type } = body;
    const secret = stack.splice(stack.length - type.parameters, type.parameters);
    const result = this.call(index, secret);
    if (type.results > 0) stack.push(result);
  }

  isSecretGlobal(index: number): boolean {
    return this.#secretGlobals.has(index);
  }

  setGlobal(index: number, secret: boolean): void {
    if (!secret || this.#secretGlobals.has(index)) return;
    this.#secretGlobals.add(index);
    this.#isGrown = true;
  }

  /** When a global became secret: forgets what is known of functions, and says that they are to be followed again. */
  begunAnew(): boolean {
    const isGrown = this.#isGrown;
    this.#isGrown = false;
    if (isGrown) this.#known.clear();
    return isGrown;
  }
}

/** One function under one pattern of secret arguments. */
class Run {
  readonly #analysis: Analysis;
  readonly #index: number;
  readonly #body: FunctionBody;
  readonly #stack: boolean[] = [];
  readonly #frames: Frame[] = [];
  #locals: boolean[] | undefined; // undefined where the code cannot be reached
  #skipped = 0; // blocks opened in such code
  #result = false;

  constructor(analysis: Analysis, index: number, body: FunctionBody, secret: readonly boolean[]) {
    this.#analysis = analysis;
    this.#index = index;
    this.#body = body;
    this.#locals = Array.from({ length: body.locals }, (_, local) => secret[local] ?? false);
  }

  result(): boolean {
    const { code, type } = this.#body;
    this.#open('function', 0, type.results);
    for (let at = 0; at < code.length;) {
      const instruction = code[at];
      if (instruction === undefined) break;
      at = this.#execute(instruction, at);
    }
    return this.#result;
  }

  /** Executes one instruction and returns the index of the next. */
  #execute(instruction: Instruction, at: number): number {
    const { name } = instruction;
    const opens = name === 'block' || name === 'loop' || name === 'if';
    if (this.#locals === undefined && (opens || this.#skipped > 0)) {
      if (opens) this.#skipped += 1;
      else if (name === 'end') this.#skipped -= 1;
      return at + 1;
    }
    if (name === 'end') return this.#end(at);
    if (name === 'else') this.#else();
    else if (this.#locals !== undefined) this.#reached(instruction, at, this.#locals);
    return at + 1;
  }

  #reached(instruction: Instruction, at: number, locals: boolean[]): void {
    const { name, operands } = instruction;
    const [operand = 0] = operands;
    if (name === 'if' || name === 'br_if') this.#check(instruction, this.#pop(), 'a branch');
    if (name === 'block' || name === 'loop' || name === 'if') {
      this.#open(name, at, operand === 0x40 ? 0 : 1);
    } else if (name === 'br' || name === 'br_if') {
      this.#branch(operand, locals);
      if (name === 'br') this.#locals = undefined;
    } else if (name === 'return' || name === 'unreachable') {
      if (name === 'return') this.#branch(this.#frames.length - 1, locals);
      this.#locals = undefined;
    } else {
      this.#step(instruction, operand, locals);
    }
  }

  #open(kind: string, start: number, results: number): void {
    const entry = [...(this.#locals ?? [])];
    const height = this.#stack.length;
    this.#frames.push({
      kind,
      start,
      height,
      results,
      entry,
      exit: undefined,
      carried: false,
      again: false,
      hasElse: false,
    });
  }

  #branch(depth: number, locals: readonly boolean[]): void {
    const frame = this.#frames[this.#frames.length - 1 - depth];
    if (frame === undefined) throw new RangeError('a branch out of the function');
    if (frame.kind !== 'loop') {
      if (frame.results > 0 && this.#stack[this.#stack.length - 1] === true) frame.carried = true;
      frame.exit = merge(frame.exit, locals);
      return;
    }
    const entry = merge(frame.entry, locals);
    frame.again ||= entry.join() !== frame.entry.join();
    frame.entry = entry;
  }

  #else(): void {
    const frame = this.#frames[this.#frames.length - 1];
    if (frame === undefined) throw new RangeError('else without if');
    if (this.#locals !== undefined) this.#branch(0, this.#locals);
    this.#locals = [...frame.entry];
    this.#stack.length = frame.height;
    frame.hasElse = true;
  }

  #end(at: number): number {
    const frame = this.#frames.pop();
    if (frame === undefined) throw new RangeError('end without a block');
    if (frame.again) {
      // The loop begins with more secrets than were thought: through it again.
      this.#stack.length = frame.height;
      this.#locals = [...frame.entry];
      this.#open('loop', frame.start, frame.results);
      return frame.start + 1;
    }
    if (this.#locals !== undefined) {
      if (frame.results > 0 && this.#stack[this.#stack.length - 1] === true) frame.carried = true;
      frame.exit = merge(frame.exit, this.#locals);
    }
    // An if without else may be passed by.
    if (frame.kind === 'if' && !frame.hasElse) frame.exit = merge(frame.exit, frame.entry);
    this.#locals = frame.exit;
    this.#stack.length = frame.height;
    if (frame.kind === 'function') this.#result = frame.carried;
    else if (frame.results > 0) this.#stack.push(frame.carried);
    return at + 1;
  }

  #pop(): boolean {
    return this.#stack.pop() ?? false;
  }

  #popAny(count: number): boolean {
    return this.#stack.splice(this.#stack.length - count, count).includes(true);
  }

  #check(instruction: Instruction, secret: boolean, what: string): void {
    if (secret) this.#analysis.leak(this.#index, instruction, what);
  }

  #step(instruction: Instruction, operand: number, locals: boolean[]): void {
    const stack = this.#stack;
    const check = (secret: boolean, what: string): void => this.#check(instruction, secret, what);
    const steps: Readonly<Record<string, () => unknown>> = {
      nop: () => undefined,
      unary: () => undefined,
      drop: () => stack.pop(),
      constant: () => stack.push(false),
      binary: () => stack.push(this.#popAny(2)),
      ternary: () => stack.push(this.#popAny(3)),
      // Engines may compile a selection to a branch.
      select: () => {
        check(this.#pop(), 'a selection');
        stack.push(this.#popAny(2));
      },
      divide: () => {
        const secret = this.#popAny(2);
        check(secret, 'a division');
        stack.push(secret);
      },
      load: () => {
        check(this.#pop(), 'an address');
        stack.push(true);
      },
      store: () => {
        this.#pop();
        check(this.#pop(), 'an address');
      },
      'memory.copy': () => check(this.#popAny(3), 'an address or a length'),
      'memory.fill': () => {
        check(this.#pop(), 'a length');
        this.#pop();
        check(this.#pop(), 'an address');
      },
      'memory.size': () => stack.push(false),
      'memory.grow': () => check(this.#pop(), 'a length') ?? stack.push(false),
      'local.get': () => stack.push(locals[operand] ?? false),
      'local.set': () => (locals[operand] = this.#pop()),
      'local.tee': () => (locals[operand] = stack[stack.length - 1] ?? false),
      'global.get': () => stack.push(this.#analysis.isSecretGlobal(operand)),
      'global.set': () => this.#analysis.setGlobal(operand, this.#pop()),
      call: () => this.#analysis.callFrom(this.#index, instruction, stack),
    };
    const step = steps[instruction.name];
    if (step === undefined) throw new RangeError(`${instruction.name} is not expected here`);
    step();
  }
}

function merge(left: readonly boolean[] | undefined, right: readonly boolean[]): boolean[] {
  return right.map((secret, local) => secret || (left?.[local] ?? false));
}
