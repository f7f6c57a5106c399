// SPDX-License-Identifier: Apache-2.0
// Calls official servers behind the gateway in both eras, session after session, and checks the answers. Prints a line of JSON each minute
// and at the end; failures go to standard error and set the exit status.
// usage: node mixed-calls.mjs BASE-URL CREDENTIAL-DIRECTORY FOLDER [SECONDS [PAUSE-MILLISECONDS]]
// BASE-URL/everything-http, /everything, /files and /memory are the servers; FOLDER is what the server 'files' offers.
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Agent, fetch } from 'undici';

const [base, credential, folder, seconds = '0', milliseconds = '0'] = process.argv.slice(2);
const end = Date.now() + Number(seconds) * 1000;
const read = (file) => readFileSync(`${credential}/${file}`);
const dispatcher = new Agent({ connect: { ca: read('ca.crt'), cert: read('tls.crt'), key: read('tls.key') } });
const mutualTls = { fetch: (target, init) => fetch(target, { ...init, dispatcher }) };
const counts = { calls: 0, sessions: 0, failures: 0 };

const text = (result) => result.content.map((part) => part.text ?? '').join('\n');
const call = async (client, name, args = {}, options) => {
  const result = await client.callTool({ name, arguments: args }, options);
  assert(!result.isError, `${name}: ${text(result)}`);
  return result;
};
const refused = (promise) =>
  promise.then(
    (result) => assert(result.isError, 'was served'),
    () => {},
  );

const everything = {
  listsTools: async (client) => {
    const { tools } = await client.listTools();
    assert(['echo', 'trigger-sampling-request'].every((name) => tools.some((tool) => tool.name === name)));
  },
  echoes: async (client, turn) => assert.match(text(await call(client, 'echo', { message: `grüß dich ${turn}` })), new RegExp(`grüß dich ${turn}$`)),
  adds: async (client, turn) => assert.match(text(await call(client, 'get-sum', { a: turn, b: 2 })), new RegExp(`${turn + 2}`)),
  sendsAPicture: async (client) => assert((await call(client, 'get-tiny-image')).content.some((part) => part.type === 'image')),
  answersInStructure: async (client) => assert((await call(client, 'get-structured-content', { location: 'Chicago' })).structuredContent),
  reportsProgress: async (client) => {
    const seen = [];
    // The client itself reports, without a total, that it answers a question: this server asks for the roots some time after its start.
    const onprogress = ({ progress, total }) => total && seen.push(progress);
    await call(client, 'trigger-long-running-operation', { duration: 0.2, steps: 4 }, { onprogress });
    assert.deepEqual(seen, [1, 2, 3, 4]);
  },
  isCancelled: async (client) => {
    const signal = AbortSignal.timeout(100);
    await assert.rejects(client.callTool({ name: 'trigger-long-running-operation', arguments: { duration: 5, steps: 5 } }, { signal }));
  },
  samples: async (client) => assert.match(text(await call(client, 'trigger-sampling-request', { prompt: 'x', maxTokens: 5 })), /the model says/),
  elicits: async (client) => assert.match(text(await call(client, 'trigger-elicitation-request')), /Ada/),
  asksForRoots: async (client) => assert.match(text(await call(client, 'get-roots-list')), /the root/),
  readsResources: async (client, turn) => {
    assert((await client.listResources()).resources.length > 0);
    assert((await client.listResourceTemplates()).resourceTemplates.length > 0);
    const uri = `demo://resource/dynamic/text/${(turn % 100) + 1}`;
    assert.equal((await client.readResource({ uri })).contents[0].uri, uri);
  },
  prompts: async (client) => {
    assert((await client.listPrompts()).prompts.length > 0);
    assert((await client.getPrompt({ name: 'args-prompt', arguments: { city: 'Ulm' } })).messages[0].content.text.includes('Ulm'));
  },
  completes: async (client) => {
    const ref = { type: 'ref/prompt', name: 'completable-prompt' };
    const { completion } = await client.complete({ ref, argument: { name: 'department', value: 'S' } });
    assert.deepEqual(completion.values, ['Sales', 'Support']);
  },
  refusesAnUnknownTool: (client) => refused(client.callTool({ name: 'no-such-tool', arguments: {} })),
};

const files = {
  lists: async (client) => assert((await client.listTools()).tools.some((tool) => tool.name === 'write_file')),
  writesAndReads: async (client, turn, worker) => {
    const path = `${folder}/${worker}.txt`;
    await call(client, 'write_file', { path, content: `turn ${turn}\n` });
    await call(client, 'edit_file', { path, edits: [{ oldText: 'turn', newText: 'round' }] });
    assert.match(text(await call(client, 'read_text_file', { path })), new RegExp(`round ${turn}`));
    assert.match(text(await call(client, 'list_directory', { path: folder })), new RegExp(worker));
    assert.match(text(await call(client, 'get_file_info', { path })), /size/);
  },
  searches: async (client) => void (await call(client, 'search_files', { path: folder, pattern: '*.txt' })),
  staysInside: (client) => refused(client.callTool({ name: 'read_text_file', arguments: { path: '/etc/passwd' } })),
};

const memory = {
  remembers: async (client, turn, worker) => {
    const name = `${worker} ${turn}`;
    await call(client, 'create_entities', { entities: [{ name, entityType: 'turn', observations: ['first'] }] });
    await call(client, 'add_observations', { observations: [{ entityName: name, contents: ['second'] }] });
    assert.match(text(await call(client, 'search_nodes', { query: name })), /second/);
    await call(client, 'delete_entities', { entityNames: [name] });
    assert.doesNotMatch(text(await call(client, 'open_nodes', { names: [name] })), /second/);
  },
  showsItsGraph: async (client) => assert((await call(client, 'read_graph')).structuredContent),
};

async function session(server, steps, era, worker, turns) {
  const asks = server.startsWith('everything');
  const capabilities = asks ? { sampling: {}, elicitation: {}, roots: {} } : {};
  const client = new Client({ name: worker, version: '1' }, { capabilities, versionNegotiation: { mode: era } });
  if (asks) {
    client.setRequestHandler('sampling/createMessage', () => ({ model: 'm', role: 'assistant', content: { type: 'text', text: 'the model says' } }));
    client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { name: 'Ada' } }));
    client.setRequestHandler('roots/list', () => ({ roots: [{ uri: `file://${folder}`, name: 'the root' }] }));
  }
  await client.connect(new StreamableHTTPClientTransport(new URL(`${base}/${server}`), mutualTls));
  counts.sessions++;
  try {
    for (const [name, step] of Object.entries(steps)) {
      try {
        await step(client, turns.next++, worker);
        counts.calls++;
      } catch (failure) {
        failed(`${worker} ${name}`, failure);
      }
      await pause(Number(milliseconds));
    }
  } finally {
    if (era === 'legacy') await client.transport.terminateSession();
    await client.close();
  }
}

function failed(what, failure) {
  counts.failures++;
  console.error(`${new Date().toISOString()} ${what}: ${failure.message} ${failure.cause?.message ?? ''}`);
}

async function work(server, steps, ...eras) {
  const turns = { next: 1 };
  do {
    for (const era of eras) {
      const worker = `${server}-${era.pin ? 'modern' : era}`;
      await session(server, steps, era, worker, turns).catch(async (failure) => {
        failed(`${worker} session`, failure);
        await pause(1000);
      });
    }
  } while (Date.now() < end);
}

const report = () => console.log(JSON.stringify(counts));
const reports = setInterval(report, 60_000);
const modern = { pin: '2026-07-28' };
const servers = { 'everything-http': everything, everything, files };
await Promise.all([
  ...Object.entries(servers).flatMap(([name, steps]) => ['legacy', modern].map((era) => work(name, steps, era))),
  work('memory', memory, 'legacy', modern), // this server loses writes of two clients at once
]);
clearInterval(reports);
report();
await dispatcher.destroy();
process.exitCode = counts.failures > 0 ? 1 : 0;
