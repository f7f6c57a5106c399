// A stdio MCP server of the legacy era for tests of pins: it offers what a file says at that moment, and notes each call.
import { createInterface } from 'node:readline';
import { appendFileSync, readFileSync } from 'node:fs';

const out = (message) => process.stdout.write(JSON.stringify(message) + '\n');
const offer = () => JSON.parse(readFileSync(process.env.OFFER, 'utf8'));

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  const result = (value) => out({ jsonrpc: '2.0', id, result: value });
  if (id === undefined) {
    return;
  }
  appendFileSync(process.env.OFFER + '.log', `${method} ${params?.name ?? ''}\n`);
  if (method === 'initialize') {
    const { instructions } = offer();
    result({
      protocolVersion: params.protocolVersion,
      capabilities: { tools: { listChanged: true } },
      serverInfo: { name: 'offer', version: '1' },
      instructions,
    });
  } else if (method === 'tools/list') {
    const page = Number(params?.cursor ?? 0);
    const { pages } = offer();
    result({ tools: pages[page], ...(page + 1 < pages.length ? { nextCursor: String(page + 1) } : {}) });
  } else if (method === 'tools/call') {
    if (params.name === 'crash') {
      process.exit(7);
    }
    if (params.name === 'announce') {
      out({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
    }
    result({ content: [{ type: 'text', text: 'ran ' + params.name }] });
  } else {
    out({ jsonrpc: '2.0', id, error: { code: -32601, message: 'no ' + method } });
  }
}).on('close', () => process.exit(0));
