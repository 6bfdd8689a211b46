/**
 * What the user asked of the bench.
 *
 * @typedef {object} Options
 * @property {number} runs how many times each thing is timed
 * @property {string[]} only names of workloads
 * @property {string[] | undefined} peers names of peers; undefined for all that are found
 * @property {number} peerSeconds how long a peer that no goal names may take in one row before it is timed no more
 * @property {boolean} quick inputs of a twentieth
 * @property {'table' | 'json' | 'markdown'} output
 * @property {boolean} check compare with the committed ratios
 * @property {boolean} save write the committed ratios
 * @property {boolean} publish write results, ratios, the page's tables and the drawing
 * @property {string | undefined} from a file of results to take instead of measuring
 * @property {boolean} help
 */

export const USAGE = `Usage: npm run bench -- [OPTIONS]

  --runs N           how often each thing is timed (5); the median counts
  --only NAMES       these workloads, by comma
  --peers NAMES      these peers, by comma, or none (all that are found)
  --peer-seconds N   peers other than those that goals name are timed no more in a row once they took this long (3)
  --quick            inputs of a twentieth: to try the bench, not to quote it
  --json, --markdown one JSON document, or the tables of docs/PERFORMANCE.md, on stdout
  --check            compare with bench/ratios.json; exit code 1 when a ratio is worse by half
  --save             write bench/ratios.json
  --publish          write bench/results.json, bench/ratios.json, the tables of docs/PERFORMANCE.md and docs/performance.svg
  --from FILE        take results of an earlier --json instead of measuring
`;

/** A mistake of the user, told in one line. */
export class UsageError extends Error {}

/**
 * Reads the command line.
 *
 * @param {readonly string[]} args
 * @param {{ readonly workloads: readonly string[], readonly peers: readonly string[] }} known
 * @returns {Options}
 * @throws {UsageError} on what is not known
 */
export function readArguments(args, known) {
  const read = {
    runs: 5,
    only: [...known.workloads],
    peers: /** @type {string[] | undefined} */ (undefined),
    peerSeconds: 3,
    quick: false,
    output: /** @type {Options['output']} */ ('table'),
    check: false,
    save: false,
    publish: false,
    from: /** @type {string | undefined} */ (undefined),
    help: false,
  };
  for (let i = 0; i < args.length; i++) {
    const flag = args[i];
    const value = () => {
      i += 1;
      if (args[i] === undefined) throw new UsageError(`${flag} needs a value`);
      return args[i];
    };
    if (flag === '--runs') read.runs = wholeNumber(flag, value());
    else if (flag === '--only') read.only = names(value(), known.workloads, 'workload');
    else if (flag === '--peers') read.peers = peerNames(value(), known.peers);
    else if (flag === '--peer-seconds') read.peerSeconds = wholeNumber(flag, value());
    else if (flag === '--from') read.from = value();
    else if (flag === '--json') read.output = 'json';
    else if (flag === '--markdown') read.output = 'markdown';
    else if (flag === '--quick' || flag === '--check' || flag === '--save' || flag === '--publish')
      read[flag.slice(2)] = true;
    else if (flag === '--help' || flag === '-h') read.help = true;
    else throw new UsageError(`unknown flag: ${flag}`);
  }
  if (read.quick && (read.check || read.save || read.publish))
    throw new UsageError('--quick changes the ratios: it goes with none of --check, --save and --publish');
  return read;
}

function wholeNumber(flag, text) {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new UsageError(`${flag} takes a number from 1, not ${text}`);
  return Number(text);
}

function peerNames(text, known) {
  return text === 'none' ? [] : names(text, known, 'peer');
}

function names(text, known, what) {
  const asked = text.split(',');
  for (const name of asked)
    if (!known.includes(name)) throw new UsageError(`no ${what} ${name}; there are: ${known.join(', ')}`);
  return asked;
}
