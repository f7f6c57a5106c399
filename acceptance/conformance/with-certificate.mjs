// SPDX-License-Identifier: Apache-2.0
// Preloaded into a conformance suite, which knows plain HTTP: gives all its requests the certificate in CREDENTIAL, if any.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { register } from 'node:module';
import { join } from 'node:path';
import tls from 'node:tls';
import undici from 'undici';

const { CREDENTIAL, ANCHORS, PORT } = process.env;
const identity = {
  ca: readFileSync(ANCHORS),
  // One scenario sends a foreign Host on purpose; the server's certificate is still judged by the name that is dialled.
  checkServerIdentity: (name, certificate) => tls.checkServerIdentity('localhost', certificate),
};
if (CREDENTIAL) {
  identity.cert = readFileSync(join(CREDENTIAL, 'tls.crt'));
  identity.key = readFileSync(join(CREDENTIAL, 'tls.key'));
}
undici.setGlobalDispatcher(new undici.Agent({ connect: identity }));

// Some scenarios use node:http whatever the URL says.
const request = http.request;
http.request = (options, ...rest) =>
  String(options.port) === PORT
    ? https.request({ ...options, ...identity, agent: false }, ...rest)
    : request(options, ...rest);

// The suites import fs.globSync, which Node has from 22 on, for something that is not done here.
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
