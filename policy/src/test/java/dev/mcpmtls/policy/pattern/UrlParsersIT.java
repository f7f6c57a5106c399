// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A deny of what a server reads meets the URI that was sent. The official TypeScript SDK looks a resource up by {@code new URL(uri).href}, and file
 * servers resolve {@code fileURLToPath} or the decoded path; the official Python SDK parses as WHATWG URL does, too.
 */
@Timeout(60)
class UrlParsersIT {

    private static final List<String> SENT = List.of(
            "HTTPS://User:pw@Host.Example:443/a/./b/../c",
            "https:host.example/a",
            "https:\\\\host.example\\a",
            "https://host.example./a",
            "https://ｈｏｓｔ.example/a",
            "https://münchen.example/ä",
            "http://0x7f.1/x",
            "http://2852039166/latest/meta-data",
            "http://[0:0:0:0:0:ffff:7f00:1]/x",
            "http://[::0001]:80/x",
            "https://host.example/a%2e%2e/%2e%2e/b",
            "https://host.example?x#y",
            " https://host.example/\ta\n",
            "https://host.example/%7Ea/%41",
            "file:etc/passwd",
            "file:/etc/passwd",
            "file://LOCALHOST/etc/passwd",
            "file:///srv/%2E%2e/etc/passwd",
            "file:///srv/a/..\\..\\etc\\passwd",
            "file:///my docs/a?x=1#y",
            "file:///%C3%A9/e\u0301",
            "file:////etc//passwd",
            "mem:notes/../secret",
            "note://Meeting%20Notes/a/../b",
            "postgres://user:pw@DB/table/../secret");

    /** Two texts a URI: the one it is looked up by, and the path of the file or what is left of the path, decoded. */
    private static final String NODE = """
            const {fileURLToPath} = require('url'), path = require('path');
            for (const sent of JSON.parse(require('fs').readFileSync(0, 'utf8'))) {
              const url = new URL(sent);
              let file = '';
              if (url.protocol === 'file:') {
                file = 'file://' + path.resolve(decodeURIComponent(url.pathname));
                try { file = 'file://' + path.resolve(fileURLToPath(url)); } catch (e) { }
              }
              console.log(JSON.stringify(url.href) + '\\n' + JSON.stringify(file));
            }
            """;

    private static final String PYTHON = """
            import json, os, sys
            from urllib.parse import urlsplit, unquote
            for sent in json.loads(sys.stdin.buffer.read().decode('utf-8')):
                parts = urlsplit(sent)
                path = os.path.normpath('/' + unquote(parts.path).lstrip('/'))
                for text in ('', 'file://' + path if parts.scheme == 'file' else ''):
                    sys.stdout.buffer.write((json.dumps(text, ensure_ascii=False) + '\\n').encode('utf-8'))
            """;

    @Test
    void aDenyMeetsWhatNodeReads() throws Exception {
        assertMet("node", "-e", NODE);
    }

    @Test
    void aDenyMeetsWhatPythonReads() throws Exception {
        assertMet("python3", "-c", PYTHON);
    }

    private static void assertMet(String... command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).start();
        } catch (IOException e) {
            assumeTrue(false, command[0] + " is not installed");
            return;
        }
        try (BufferedWriter in = process.outputWriter(StandardCharsets.UTF_8)) {
            in.write(json(SENT));
        }
        List<String> read = process.inputReader(StandardCharsets.UTF_8)
                .lines()
                .map(UrlParsersIT::text)
                .toList();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(read).hasSize(2 * SENT.size());
        for (int i = 0; i < read.size(); i++) {
            String sent = SENT.get(i / 2);
            String seen = read.get(i);
            if (!seen.isEmpty()) {
                assertThat(ResourceUri.denyPatterns(seen))
                        .as("%s is read as %s by %s", sent, seen, command[0])
                        .anyMatch(ResourceUri.of(sent)::isDeniedBy);
            }
        }
    }

    private static String json(List<String> texts) {
        StringBuilder json = new StringBuilder();
        for (String text : texts) {
            json.append(json.length() == 0 ? "[\"" : ",\"");
            text.chars()
                    .forEach(
                            c -> json.append(c < ' ' || c > '~' || c == '\\' ? "\\u%04x".formatted(c) : "" + (char) c));
            json.append('"');
        }
        return json.append(']').toString();
    }

    /** A JSON string of a program whose escapes are few. */
    private static String text(String json) {
        return json.substring(1, json.length() - 1).replace("\\\\", "\\");
    }
}
