// An MCP server for tests that stops in the middle of whatever it is asked, over standard streams or, with a port, over HTTP. It notes in the file LOG
// what it has begun. With ERA=modern it speaks revision 2026-07-28 alone, else 2025-11-25 alone.
import { createInterface } from 'node:readline';
import { createServer } from 'node:http';
import { appendFileSync } from 'node:fs';

const modern = process.env.ERA === 'modern';
const note = (text) => appendFileSync(process.env.LOG, text + '\n');
const text = (value) => ({ content: [{ type: 'text', text: value }], ...(modern ? { resultType: 'complete' } : {}) });
note('start ' + process.pid);

/** Answers a message, says something about it, or does neither. */
function take({ id, method, params }, out) {
  const result = (value) => out({ id, result: value });
  const token = params?._meta?.progressToken;
  if (id === undefined) {
    if (method === 'notifications/cancelled') {
      note('cancelled');
    }
  } else if (modern && method === 'server/discover') {
    const capabilities = { tools: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } };
    result({ resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities });
  } else if (!modern && method === 'initialize') {
    if (params.clientInfo.name === 'initialize') {
      return note('run initialize');
    }
    const capabilities = { tools: {}, resources: { subscribe: true } };
    result({ protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'midway', version: '1' } });
  } else if (modern && method === 'tools/list') { // a gateway reads it before a call
    const tools = ['say', 'task'].map((name) => ({ name, inputSchema: { type: 'object' } }));
    result({ resultType: 'complete', tools, ttlMs: 60000, cacheScope: 'private' });
  } else if (method === 'tools/list') {
    note('run list');
  } else if (method === 'resources/subscribe') {
    note('run subscription');
    result({});
  } else if (method === 'tasks/get') {
    out({ id, error: { code: -32602, message: 'there is no such task' } });
  } else if (method !== 'tools/call') {
    out({ id, error: { code: -32601, message: 'no ' + method } });
  } else if (params.name === 'say') {
    result(text('said'));
  } else {
    note('run ' + params.name);
    if (params.name === 'task') {
      const at = new Date().toISOString();
      result({ resultType: 'task', taskId: 'one', status: 'working', createdAt: at, lastUpdatedAt: at, ttlMs: 60000 });
    } else if (params.name === 'progress' || params.name === 'resumable') {
      out({ method: 'notifications/progress', params: { progressToken: token, progress: 1 } });
    } else if (params.name === 'ask') {
      out({ id: 'question', method: 'elicitation/create', params: { message: 'word?', requestedSchema: { type: 'object', properties: {} } } });
    }
  }
}

function answer(request, response) {
  let body = '';
  request.on('data', (piece) => (body += piece));
  request.on('end', () => {
    if (request.method !== 'POST') {
      return response.writeHead(405).end();
    }
    const message = JSON.parse(body);
    const known = message.method === 'initialize' || modern || request.headers['mcp-session-id'] === String(process.pid);
    if (message.method === undefined || message.id === undefined || !known) {
      take({ ...message, id: undefined }, () => {});
      return response.writeHead(known ? 202 : 404).end();
    }
    const head = (type) => response.headersSent || response.writeHead(200, { 'Content-Type': type, 'Mcp-Session-Id': String(process.pid) });
    let events = 0;
    take(message, (said) => {
      const whole = JSON.stringify({ jsonrpc: '2.0', ...said });
      if (said.method) {
        head('text/event-stream');
        const number = message.params.name === 'resumable' ? 'id: ' + ++events + '\n' : '';
        response.write(number + 'data: ' + whole + '\n\n');
      } else {
        head('application/json');
        response.end(whole);
      }
    });
  });
}

if (process.argv[2]) {
  const server = createServer(answer).listen(Number(process.argv[2]), '127.0.0.1', () => note('port ' + server.address().port));
} else {
  createInterface({ input: process.stdin })
    .on('line', (line) => take(JSON.parse(line), (said) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...said }) + '\n')))
    .on('close', () => process.exit(0));
}
