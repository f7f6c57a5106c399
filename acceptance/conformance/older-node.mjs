// SPDX-License-Identifier: Apache-2.0
// The suites import fs.globSync, which Node has from 22 on, for a feature that is not used here.
import { register } from 'node:module';

register(
  'data:text/javascript,' +
    encodeURIComponent(`
export async function load(url, context, next) {
  const loaded = await next(url, context);
  if (!/suite-[0-9.]+\\/dist\\/index\\.js$/.test(url)) return loaded;
  let name;
  const source = String(loaded.source).replace(/globSync as (\\w+),/, (all, as) => ((name = as), ''));
  return { ...loaded, source: name ? source + ';function ' + name + '(){return []}' : source };
}`),
);
