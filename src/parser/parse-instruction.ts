import { goQuote } from '../formats/go-quote.ts';
import { compareGoStrings, trimGoSpace } from './go-text.ts';
import { type Instruction, instructionKinds, type KeyValue, type OptionalKeyValue } from './instruction.ts';
import { commonFields, type InstructionRequest } from './instruction-request.ts';
import { parseAdd, parseCopy } from './parse-copy.ts';
import { InstructionProblem } from './parse-error.ts';
import { parseFlags } from './parse-flags.ts';
import { parseFrom } from './parse-from.ts';
import { parseHealthcheck } from './parse-healthcheck.ts';
import { parseRunMount, runMountFrom } from './parse-run-mount.ts';
import { didYouMean } from './suggest.ts';

function noFlags(request: InstructionRequest): readonly [] {
  parseFlags(request.parts.flags, {}, request.syntax);
  return Object.freeze([] as const);
}

function exactlyOne(request: InstructionRequest, keyword: string): string {
  const [word, ...others] = request.args.words;
  if (word === undefined || others.length > 0) {
    throw new InstructionProblem(`${keyword} requires exactly one argument`);
  }
  return word;
}

function atLeastOne(request: InstructionRequest, keyword: string): readonly string[] {
  if (request.args.words.length === 0) throw new InstructionProblem(`${keyword} requires at least one argument`);
  return request.args.words;
}

function keyValues(request: InstructionRequest, keyword: string): readonly KeyValue[] {
  const { pairs } = request.args;
  if (pairs.length === 0) throw new InstructionProblem(`${keyword} requires at least one argument`);
  return Object.freeze(
    pairs.map((pair) => {
      if (pair.key === '') throw new InstructionProblem(`${keyword} names can not be blank`);
      return Object.freeze(pair);
    }),
  );
}

function optionalKeyValue(word: string): OptionalKeyValue {
  const at = word.indexOf('=');
  if (at === 0) throw new InstructionProblem('ARG names can not be blank');
  return Object.freeze(
    at < 0 ? { key: word, value: undefined } : { key: word.slice(0, at), value: word.slice(at + 1) },
  );
}

function volumes(words: readonly string[]): readonly string[] {
  return Object.freeze(
    words.map((word) => {
      const volume = trimGoSpace(word);
      if (volume === '') throw new InstructionProblem('VOLUME specified can not be an empty string');
      return volume;
    }),
  );
}

function parseRun(request: InstructionRequest): Instruction {
  const known = { mount: 'strings', network: 'string', security: 'string', device: 'strings' } as const;
  const flags = parseFlags(request.parts.flags, known, request.syntax);
  const network = flags.string('network');
  if (network !== '' && network !== 'default' && network !== 'none' && network !== 'host') {
    throw new InstructionProblem(`invalid network mode "${network}"`);
  }
  const security = flags.string('security') || 'sandbox';
  if (security !== 'sandbox' && security !== 'insecure') {
    throw new InstructionProblem(`security ${goQuote(security)} is not valid`);
  }
  for (const mount of flags.strings('mount')) {
    if (request.syntax.mounts.expanded) runMountFrom(mount);
    else parseRunMount(mount, (word) => word, request.syntax);
  }
  return {
    kind: 'RUN',
    ...commonFields(request),
    flags: flags.flags,
    words: Object.freeze([...request.args.words]),
    shellForm: !request.args.json,
    mounts: Object.freeze([...flags.strings('mount')]),
    network: network === '' ? 'default' : network,
    security,
    devices: Object.freeze([...flags.strings('device')]),
  };
}

const ONBUILD_PREFIX = /^\s*ONBUILD\s*/i;

function parseOnbuild(request: InstructionRequest): Instruction {
  const trigger = atLeastOne(request, 'ONBUILD')[0]?.toUpperCase() ?? '';
  const flags = noFlags(request);
  if (trigger === 'ONBUILD') throw new InstructionProblem("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (trigger === 'MAINTAINER' || trigger === 'FROM') {
    throw new InstructionProblem(`${trigger} isn't allowed as an ONBUILD trigger`);
  }
  const documents = request.heredocs.map((heredoc) => `\n${heredoc.data}${heredoc.name}`).join('');
  const expression = request.line.replace(ONBUILD_PREFIX, '') + documents;
  return { kind: 'ONBUILD', ...commonFields(request), flags, expression };
}

function parseShell(request: InstructionRequest): Instruction {
  const flags = noFlags(request);
  const shell = Object.freeze([...atLeastOne(request, 'SHELL')]);
  if (!request.args.json) throw new InstructionProblem('SHELL requires the arguments to be in JSON form');
  return { kind: 'SHELL', ...commonFields(request), flags, shell };
}

function parseCommandLine(request: InstructionRequest, kind: 'CMD' | 'ENTRYPOINT'): Instruction {
  const flags = noFlags(request);
  const words = Object.freeze([...request.args.words]);
  return { kind, ...commonFields(request), flags, words, shellForm: !request.args.json };
}

/**
 * Understands one instruction (buildkit instructions/parse.go). Throws InstructionProblem in docker's words, without the
 * `dockerfile parse error on line N: ` in front.
 */
export function parseInstruction(request: InstructionRequest): Instruction {
  return Object.freeze(understand(request));
}

function understand(request: InstructionRequest): Instruction {
  const { keyword } = request.parts;
  switch (keyword.toUpperCase()) {
    case 'ADD':
      return parseAdd(request);
    case 'ARG': {
      const args = Object.freeze(atLeastOne(request, 'ARG').map(optionalKeyValue));
      return { kind: 'ARG', ...commonFields(request), flags: [], args };
    }
    case 'CMD':
      return parseCommandLine(request, 'CMD');
    case 'COPY':
      return parseCopy(request);
    case 'ENTRYPOINT':
      return parseCommandLine(request, 'ENTRYPOINT');
    case 'ENV':
      return { kind: 'ENV', flags: noFlags(request), ...commonFields(request), pairs: keyValues(request, 'ENV') };
    case 'EXPOSE': {
      const ports = Object.freeze([...atLeastOne(request, 'EXPOSE')].sort(compareGoStrings));
      return { kind: 'EXPOSE', ...commonFields(request), flags: noFlags(request), ports };
    }
    case 'FROM':
      return parseFrom(request);
    case 'HEALTHCHECK':
      return parseHealthcheck(request);
    case 'LABEL': {
      const flags = noFlags(request);
      return { kind: 'LABEL', ...commonFields(request), flags, pairs: keyValues(request, 'LABEL'), literal: false };
    }
    case 'MAINTAINER': {
      const maintainer = exactlyOne(request, 'MAINTAINER');
      return { kind: 'MAINTAINER', ...commonFields(request), flags: noFlags(request), maintainer };
    }
    case 'ONBUILD':
      return parseOnbuild(request);
    case 'RUN':
      return parseRun(request);
    case 'SHELL':
      return parseShell(request);
    case 'STOPSIGNAL':
      return { kind: 'STOPSIGNAL', ...commonFields(request), flags: [], signal: exactlyOne(request, 'STOPSIGNAL') };
    case 'USER': {
      const user = exactlyOne(request, 'USER');
      return { kind: 'USER', ...commonFields(request), flags: noFlags(request), user };
    }
    case 'VOLUME': {
      const words = atLeastOne(request, 'VOLUME');
      return { kind: 'VOLUME', ...commonFields(request), flags: noFlags(request), volumes: volumes(words) };
    }
    case 'WORKDIR': {
      const path = exactlyOne(request, 'WORKDIR');
      return { kind: 'WORKDIR', ...commonFields(request), flags: noFlags(request), path };
    }
    default: {
      const { suggestions } = request.syntax;
      const shown = suggestions ? keyword + didYouMean(keyword, instructionKinds, true) : keyword.toUpperCase();
      throw new InstructionProblem(`unknown instruction: ${shown}`);
    }
  }
}
