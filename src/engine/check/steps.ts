import { checkContainers } from './check-containers.ts';
import { checkDistribution } from './check-distribution.ts';
import { checkImages } from './check-images.ts';
import { checkLayers } from './check-layers.ts';
import { checkLayout } from './check-layout.ts';
import { checkLeftovers } from './check-leftovers.ts';
import { checkReferences } from './check-references.ts';
import { checkLinks, checkLowers, checkMountPoints, checkSnapshots } from './check-snapshots.ts';
import type { Finding, Report } from './damage.ts';
import type { LayerClues } from './layer-clues.ts';
import type { AtWork } from './living-leases.ts';
import type { Survey } from './survey.ts';
import { collectUses } from './uses.ts';

export type StepName =
  | 'layout'
  | 'layers'
  | 'snapshots'
  | 'links'
  | 'images'
  | 'references'
  | 'containers'
  | 'distribution'
  | 'leftovers';

interface Step {
  readonly name: StepName;
  readonly title: string;
  readonly count: (survey: Survey) => number;
}

/** The steps of a check, in their order. */
export const STEPS: readonly Step[] = [
  { name: 'layout', title: 'folders and their modes', count: () => 6 },
  { name: 'layers', title: 'records of layers, chain ids', count: ({ layers }) => layers.size },
  { name: 'snapshots', title: 'files of layers, who uses them', count: ({ snapshots }) => snapshots.size },
  { name: 'links', title: 'short names, and what stands on what', count: ({ links }) => links.size },
  { name: 'images', title: 'image configs and their layers', count: ({ images }) => images.size },
  {
    name: 'references',
    title: 'names of images',
    count: ({ repositories }) => (repositories.state === 'absent' ? 0 : 1),
  },
  { name: 'containers', title: 'containers and their own layers', count: ({ containers }) => containers.size },
  { name: 'distribution', title: 'what is known of pulled blobs', count: ({ layers }) => layers.size },
  { name: 'leftovers', title: 'what killed processes left', count: ({ layers }) => layers.size },
];

/** Runs every step over a survey. Pure, but for the folders that only one step looks at. */
export function runSteps(survey: Survey, clues: LayerClues, atWork: AtWork): (Finding & { step: StepName })[] {
  const findings: (Finding & { step: StepName })[] = [];
  const report =
    (step: StepName): Report =>
    (finding) => {
      findings.push({ ...finding, step });
    };
  const uses = collectUses(survey, clues, atWork.held);
  const inUse = atWork.daemon || atWork.leases.size > 0;
  checkLayout(survey, report('layout'));
  checkLayers(survey, clues, report('layers'));
  checkSnapshots(survey, uses, report('snapshots'));
  checkMountPoints(survey, uses, inUse, report('snapshots'));
  checkLinks(survey, report('links'));
  checkLowers(survey, uses, report('links'));
  checkImages(survey, report('images'));
  checkReferences(survey, report('references'));
  checkContainers(survey, report('containers'));
  checkDistribution(survey, report('distribution'));
  checkLeftovers(survey, atWork.leases, report('leftovers'));
  return findings;
}
