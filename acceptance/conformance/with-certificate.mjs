// SPDX-License-Identifier: Apache-2.0
// Preloaded into a conformance suite, which supports only plain HTTP: gives all its requests the certificate in CREDENTIAL, if any.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import tls from 'node:tls';
import undici from 'undici';
import './older-node.mjs';

const { CREDENTIAL, ANCHORS, PORT } = process.env;
const identity = {
  ca: readFileSync(ANCHORS),
  // One scenario sends a foreign Host on purpose; the server's certificate is still verified for the name in the URL.
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
