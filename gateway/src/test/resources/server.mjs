// A stdio MCP server of the legacy era for tests: it says what it received, and misbehaves on request.
import { createInterface } from 'node:readline';
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';

const out = (message) => process.stdout.write((typeof message === 'string' ? message : JSON.stringify(message)) + '\n');
const asked = new Map();
let next = 1;
let remind = () => {};
const ask = (method, params) =>
  new Promise((answer) => {
    const id = 'q' + next++;
    asked.set(id, answer);
    out({ jsonrpc: '2.0', id, method, params });
  });
const text = (value) => ({ content: [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }] });

if (process.env.STUBBORN) {
  process.on('SIGTERM', () => {});
  setInterval(() => {}, 1000);
}
if (process.env.STARTS) {
  appendFileSync(process.env.STARTS, process.pid + '\n');
}
if (process.env.START_DELAY) {
  await new Promise((started) => setTimeout(started, Number(process.env.START_DELAY)));
}
if (process.env.BROKEN) {
  process.exit(3);
}
if (process.env.CHILD_PID_FILE && !existsSync(process.env.CHILD_PID_FILE)) {
  const child = spawn('/bin/sh', ['-c', 'trap "" TERM; while :; do sleep 1; done'], { stdio: 'ignore' });
  writeFileSync(process.env.CHILD_PID_FILE, process.pid + ' ' + child.pid);
}
process.stderr.write('started \u001b[31mred\n');

const tools = ['say', 'raw', 'pid', 'env', 'ask', 'crash', 'slow', 'log', 'progress', 'secret'].map((name) => ({
  name,
  inputSchema: { type: 'object' },
  weight: 1,
}));
const cancelled = [];
const subscribed = [];

async function call(line, { id, params }) {
  const token = params._meta?.progressToken;
  switch (params.name) {
    case 'raw':
      return out(`{"result":{"z":1.0,"content":[],"big":90071992547409931,"e":"\\u00e9","_meta":{"x":1e2}}, "id":${JSON.stringify(id)},"more":true,"jsonrpc":"2.0"}`);
    case 'say':
      return out({ jsonrpc: '2.0', id, result: text(line) });
    case 'pid':
      return out({ jsonrpc: '2.0', id, result: text(String(process.pid)) });
    case 'env':
      return out({ jsonrpc: '2.0', id, result: text(process.env) });
    case 'ask': {
      const answer = await ask('elicitation/create', { message: 'word?', requestedSchema: { type: 'object', properties: {} } });
      return out({ jsonrpc: '2.0', id, result: text(answer) });
    }
    case 'remind':
      remind();
      return out({ jsonrpc: '2.0', id, result: text('reminded') });
    case 'steps': {
      const step = (progress) => out({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: token, progress } });
      step(1);
      const answered = ask('elicitation/create', { message: 'word?', requestedSchema: { type: 'object', properties: {} } });
      remind = () => [2, 3].forEach(step);
      await answered;
      return out({ jsonrpc: '2.0', id, result: text('over') });
    }
    case 'flood': {
      const questions = Array.from({ length: 1001 }, () => ask('elicitation/create', { message: 'word?' }));
      return out({ jsonrpc: '2.0', id, result: text(await Promise.race(questions)) });
    }
    case 'touch':
      out({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
      return out({ jsonrpc: '2.0', id, result: text('touched') });
    case 'crash':
      return process.exit(7);
    case 'slow':
      return undefined;
    case 'ticks':
      for (let tick = 0; tick < 8; tick++) {
        out({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: token, progress: tick } });
        await new Promise((over) => setTimeout(over, 400));
      }
      return out({ jsonrpc: '2.0', id, result: text('ticked') });
    case 'log':
      out({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'error', data: 'logged' } });
      return out({ jsonrpc: '2.0', id, result: text('done') });
    case 'progress':
      out({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: token, progress: 1.0 } });
      return out({ jsonrpc: '2.0', id, result: text(JSON.stringify(token)) });
    default:
      return out({ jsonrpc: '2.0', id, error: { code: -32602, message: 'no such tool', data: { cancelled, subscribed } } });
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.method === undefined) {
    asked.get(message.id)?.(message.result ?? message.error);
  } else if (process.env.DEAF_TO && line.includes(process.env.DEAF_TO)) {
    return;
  } else if (message.method === 'initialize') {
    out({
      jsonrpc: '2.0',
      id: message.id,
      result: {
        protocolVersion: message.params.protocolVersion,
        capabilities: { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} },
        serverInfo: { name: 'fixture', version: '1.0' },
        instructions: 'be kind',
      },
    });
  } else if (message.method === 'notifications/cancelled') {
    cancelled.push(message.params);
  } else if (message.method === 'tools/list') {
    out({ jsonrpc: '2.0', id: message.id, result: { tools } });
  } else if (message.method === 'tools/call') {
    call(line, message);
  } else if (message.method === 'resources/subscribe') {
    subscribed.push(message.params.uri);
    out({ jsonrpc: '2.0', id: message.id, result: {} });
    out({ jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: message.params.uri } });
  } else if (message.id !== undefined) {
    out({ jsonrpc: '2.0', id: message.id, error: { code: -32601, message: 'no ' + message.method } });
  }
}).on('close', () => {
  if (!process.env.STUBBORN) {
    process.exit(0);
  }
});
