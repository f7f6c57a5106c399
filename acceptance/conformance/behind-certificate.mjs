// SPDX-License-Identifier: Apache-2.0
// Preloaded into a conformance suite, whose servers support only plain HTTP: they then serve over mutual TLS with the certificate in
// CREDENTIAL, to clients whose certificates ANCHORS issued. A client that tries anything else fails the run; one that has finished and closes its
// next connection in the middle of the handshake (ECONNRESET) tried nothing. The suites' authorization servers are behind mutual TLS, too, and
// their URLs say so.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { register } from 'node:module';
import { join } from 'node:path';
import './older-node.mjs';

const { CREDENTIAL, ANCHORS } = process.env;
const identity = {
  cert: readFileSync(join(CREDENTIAL, 'tls.crt')),
  key: readFileSync(join(CREDENTIAL, 'tls.key')),
  ca: readFileSync(ANCHORS),
  requestCert: true,
  rejectUnauthorized: true,
  minVersion: 'TLSv1.3',
};
let refused = false;

register(
  'data:text/javascript,' +
    encodeURIComponent(`
export async function load(url, context, next) {
  const loaded = await next(url, context);
  return /suite-[0-9.]+\\/dist\\/index\\.js$/.test(url)
    ? { ...loaded, source: String(loaded.source).replace('this.baseUrl=\`http://', 'this.baseUrl=\`https://') }
    : loaded;
}`),
);

http.createServer = (...args) => {
  const options = typeof args[0] === 'object' ? args.shift() : {};
  return https.createServer({ ...options, ...identity }, ...args).on('tlsClientError', (error, socket) => {
    if (error.code === 'ECONNRESET' && !socket.authorizationError) return; // a refused certificate comes as such a reset, too
    refused = true;
    console.error(`refused a client: ${socket.authorizationError ?? error.message}`);
  });
};
process.on('exit', () => {
  if (refused) process.exitCode = 1;
});
