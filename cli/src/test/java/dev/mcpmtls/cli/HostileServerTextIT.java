// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.testkit.Issued;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** Nothing that a server says moves the cursor, changes colours or forges a line of output. */
class HostileServerTextIT extends HostileText {

    /** The server answers every request with an error, {@code initialize} too, so that no command gets further. */
    @ParameterizedTest
    @MethodSource("clients")
    void aServersError(List<String> command) throws Exception {
        try (HostileServer server = server(method -> error(EVIL))) {
            Run run = client(server, command);

            assertClean(run);
            assertThat(run.code()).isNotZero();
            assertThat(run.exit()).isNotEqualTo(ExitCode.INTERNAL_ERROR);
            assertThat(run.out() + run.err()).contains(FORGED).doesNotContain("internal error");
        }
    }

    @ParameterizedTest
    @MethodSource("clients")
    void aServersToolsAndTheirErrors(List<String> command) throws Exception {
        try (HostileServer server = server(method -> method.equals("tools/call") ? error(EVIL) : friendly(method))) {
            Run run = client(server, command);

            assertClean(run);
            assertThat(run.exit()).isNotEqualTo(ExitCode.INTERNAL_ERROR);
        }
    }

    @ParameterizedTest
    @MethodSource("clients")
    void aServersNonsense(List<String> command) throws Exception {
        for (String nonsense :
                List.of("\"result\":null", "\"result\":[" + json(EVIL) + "]", "\"result\":{\"tools\":[{}]}")) {
            try (HostileServer first = server(method -> nonsense);
                    HostileServer later = server(method -> method.equals("initialize") ? friendly(method) : nonsense)) {
                for (HostileServer server : List.of(first, later)) {
                    Run run = client(server, command);
                    assertClean(run);
                    assertThat(run.exit()).as(run.err()).isNotEqualTo(ExitCode.INTERNAL_ERROR);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("clients")
    void aToolsFailure(List<String> command) throws Exception {
        String failed = "\"result\":{\"isError\":true,\"content\":[{\"type\":\"text\",\"text\":" + json(EVIL) + "}]}";
        try (HostileServer server = server(method -> method.equals("tools/call") ? failed : friendly(method))) {
            assertClean(client(server, command));
        }
    }

    /** The one text that is printed alone, with lines of its own. */
    @Test
    void aToolsResultHasLinesAndNothingElse() throws Exception {
        String text = "\"result\":{\"content\":[{\"type\":\"text\",\"text\":" + json(EVIL) + "}]}";
        try (HostileServer server = server(method -> method.equals("tools/call") ? text : friendly(method))) {
            Run run = client(server, List.of("call", "URL", "echo"));
            assertThat(run.code()).isZero();
            assertThat(run.out()).hasLineCount(2).endsWith("\nforged: done\tz\n");
            assertNoControls(run.out());

            Run json = client(server, List.of("call", "URL", "echo", "--json"));
            assertClean(json);
            assertThat(JsonMapper.shared().readTree(json.out()).get("text").asString())
                    .isEqualTo(EVIL);
        }
    }

    @Test
    void aServersToolsInFull() throws Exception {
        try (HostileServer server = server(HostileServerTextIT::friendly)) {
            Run run = client(server, List.of("tools", "URL"));

            assertThat(run.code()).isZero();
            assertClean(run);
            assertThat(run.out()).contains("x\\u001b[2J");
        }
    }

    /** The doctor reads them as they are; the client takes them for no HTTP. */
    @Test
    void aServersHeaders() throws Exception {
        Issued own = ca.server("evil");
        String header = "Server: x\u001b[2J\u202e\u007f\r\nVia: \u001b[31m";
        try (HostileServer server = new HostileServer(own, ca.certificate(), header, HostileServerTextIT::friendly)) {
            Run run = client(server, List.of("doctor", "URL"));
            assertClean(run);
            assertThat(run.out()).contains("from x\\u001b[2J");
            assertClean(client(server, List.of("doctor", "URL", "--json")));
            assertClean(client(server, List.of("tools", "URL")));
        }
    }

    @Test
    void aServersCertificateThatIsRefused() throws Exception {
        Issued stranger = other.server("stranger", spec -> spec.subject(name()));
        try (HostileServer server =
                new HostileServer(stranger, ca.certificate(), "X: y", HostileServerTextIT::friendly)) {
            for (String[] command : new String[][] {
                {"tools", server.url(), "--credential", agent, "--dir", store},
                {"call", server.url(), "echo", "--json", "--credential", agent, "--dir", store},
                {"doctor", server.url(), "--credential", agent, "--dir", store},
                {"doctor", server.url(), "--json", "--credential", agent, "--dir", store},
                {"cert", "show", server.url(), "--dir", store},
                {"cert", "show", server.url(), "--json", "--dir", store},
            }) {
                assertClean(Run.of(command));
            }
        }
        assertClean(Run.of("audit", "--client", "--dir", store));
        assertClean(Run.of("audit", "--client", "--json", "--dir", store));
    }

    static Stream<List<String>> clients() {
        return Stream.of(
                List.of("tools", "URL"),
                List.of("tools", "URL", "--json"),
                List.of("call", "URL", "echo"),
                List.of("call", "URL", "nosuch", "-v"),
                List.of("call", "URL", "echo", "noequals"),
                List.of("call", "URL", "nosuch", "--json"),
                List.of("doctor", "URL"),
                List.of("doctor", "URL", "--json"),
                List.of("ask", "echo hello", "--coordinator-servers", "URL"),
                List.of("ask", "echo hello", "-v", "--coordinator-servers", "URL"),
                List.of("ask", "echo hello", "--json", "--coordinator-servers", "URL"));
    }

    private Run client(HostileServer server, List<String> command) {
        List<String> words = new ArrayList<>(command);
        words.replaceAll(word -> word.equals("URL") ? server.url() : word);
        words.addAll(List.of("--credential", agent, "--dir", store, "--timeout", "5s"));
        return Run.of(words.toArray(String[]::new));
    }

    private static String friendly(String method) {
        String evil = json(EVIL);
        return switch (method) {
            case "initialize" ->
                "\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},\"instructions\":"
                        + evil + ",\"serverInfo\":{\"name\":" + evil + ",\"version\":" + evil + "}}";
            case "tools/list" -> "\"result\":{\"tools\":[" + tool("\"echo\"", evil) + "," + tool(evil, evil) + "]}";
            default -> "\"error\":{\"code\":-32601,\"message\":" + evil + "}";
        };
    }

    private static String tool(String name, String evil) {
        return "{\"name\":" + name + ",\"description\":" + evil
                + ",\"inputSchema\":{\"type\":\"object\",\"properties\":{" + evil
                + ":{\"type\":\"string\",\"description\":" + evil + "}}}}";
    }
}
