// SPDX-License-Identifier: Apache-2.0
// Starts the official server-everything over HTTP on a port that was free a moment ago, and prints it.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const probe = createServer().listen(0, '127.0.0.1', () => {
  const { port } = probe.address();
  probe.close(() => {
    const script = fileURLToPath(new URL('node_modules/@modelcontextprotocol/server-everything/dist/index.js', import.meta.url));
    const server = spawn(process.execPath, [script, 'streamableHttp'], { env: { ...process.env, PORT: port }, stdio: ['ignore', 'ignore', 'pipe'] });
    server.stderr.on('data', (words) => String(words).includes('listening') && console.log(`ready on ${port}`));
    server.on('exit', (code) => process.exit(code ?? 1));
    process.on('SIGTERM', () => server.kill());
  });
});
