// SPDX-License-Identifier: Apache-2.0
// Compares the results of runs and prints one table. usage: node compare.mjs FOLDER EXCEPTIONS
// FOLDER holds SET.WAY.results, lines of SCENARIO PASSED FAILED. A scenario that passes directly must pass in every way; so must every one
// of a set that has no direct run. An exception is a line WAY SET SCENARIO REASON, with * in the first three; one that applies to nothing fails.
import { readdirSync, readFileSync } from 'node:fs';

const [folder, file] = process.argv.slice(2);
const sets = new Map();
for (const name of readdirSync(folder).filter((each) => each.endsWith('.results')).sort()) {
  const [, set, way] = /^(.*)\.([^.]+)\.results$/.exec(name);
  const lines = readFileSync(`${folder}/${name}`, 'utf8').trim().split('\n').filter(Boolean);
  const scenarios = new Map(lines.map((line) => line.split(' ')).map(([scenario, passed, failed]) => [scenario, [Number(passed), Number(failed)]]));
  sets.set(set, (sets.get(set) ?? new Map()).set(way, scenarios));
}
const matches = (pattern, word) => new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(word);
const exceptions = readFileSync(file, 'utf8').split('\n').filter((line) => line && !line.startsWith('#')).map((line) => {
  const [way, set, scenario, ...reason] = line.split(/\s+/);
  return { line, applies: (w, s, n) => matches(way, w) && matches(set, s) && matches(scenario, n), reason: reason.join(' '), used: false };
});

const passes = (result) => result !== undefined && result[0] > 0 && result[1] === 0;
let failures = 0;
const table = [['set', 'way', 'passed', 'of', 'as expected', 'FAILED']];
const notes = [];
for (const [set, ways] of sets) {
  const direct = ways.get('direct');
  for (const [way, results] of ways) {
    const required = direct ? [...direct.keys()].filter((name) => passes(direct.get(name))) : [...results.keys()];
    for (const [name, result] of results) { // an exception applies to what fails, should it fail directly too
      if (!passes(result)) for (const each of exceptions) each.used ||= each.applies(way, set, name);
    }
    const counts = { passed: 0, expected: 0, failed: 0 };
    for (const name of required) {
      if (passes(results.get(name))) {
        counts.passed++;
        continue;
      }
      if (exceptions.some((each) => each.applies(way, set, name))) {
        counts.expected++;
      } else {
        counts.failed++;
        notes.push(`${set} ${way} ${name}: FAILED, ${results.get(name)?.join(' passed, ') ?? 'not run, 0'} failed; directly it passes`);
      }
    }
    failures += counts.failed;
    table.push([set, way, counts.passed, required.length, counts.expected, counts.failed]);
  }
}
const widths = table[0].map((_, column) => Math.max(...table.map((row) => String(row[column]).length)));
for (const row of table) console.log(`  ${row.map((cell, column) => String(cell).padEnd(widths[column])).join('  ').trimEnd()}`);
for (const note of notes) console.log(`  ${note}`);
for (const { line } of exceptions.filter((each) => !each.used)) console.log(`  exceptions.txt: FAILED, applies to nothing: ${line}`);
process.exitCode = failures > 0 || exceptions.some((each) => !each.used) ? 1 : 0;
