// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.host;

import dev.mcpmtls.bridge.hosts.FoundHost;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.console.Table;
import dev.mcpmtls.cli.invocation.Version;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The check of one entry, which is started as its host starts it. */
record EntryCheck(String host, String scope, String server, boolean isSound, String evidence, String remedy) {

    private static final int PATIENCE_SECONDS = 20;

    /** Hosts started from a desktop have little of a shell's environment. */
    private static final Set<String> KEPT =
            Set.of("PATH", "HOME", "USER", "LANG", "TMPDIR", "SystemRoot", "APPDATA", "USERPROFILE", "TEMP");

    static List<EntryCheck> of(FoundHost found) {
        String scope = found.scope().name().toLowerCase(java.util.Locale.ROOT);
        if (found.problem().isPresent()) {
            return List.of(new EntryCheck(
                    found.host().id(), scope, "", false, found.problem().get().replace("\n", "; "), ""));
        }
        return found.servers().stream()
                .map(server -> check(found.host().id(), scope, server))
                .toList();
    }

    private static EntryCheck check(String host, String scope, FoundHost.Server server) {
        String again = "add the entry again: mcp-mtls host add " + host + " " + server.name() + " " + server.target();
        if (!server.launcherExists()) {
            return new EntryCheck(host, scope, server.name(), false, "there is no program " + server.launcher(), again);
        }
        if (server.credential().isPresent() && !server.credentialExists()) {
            return new EntryCheck(
                    host,
                    scope,
                    server.name(),
                    false,
                    "there is no credential " + server.credential().get() + " in its store",
                    again);
        }
        try {
            JsonNode answer = ask(server);
            String error = answer.path("error").path("message").asString("");
            return error.isEmpty()
                    ? new EntryCheck(host, scope, server.name(), true, described(answer, server), "")
                    : new EntryCheck(
                            host,
                            scope,
                            server.name(),
                            false,
                            Console.bounded(error),
                            "mcp-mtls doctor " + server.target() + " says more");
        } catch (IOException e) {
            return new EntryCheck(host, scope, server.name(), false, String.valueOf(e.getMessage()), again);
        }
    }

    private static String described(JsonNode answer, FoundHost.Server server) {
        JsonNode result = answer.path("result");
        return result.path("serverInfo").path("name").asString("a server") + " answers, MCP "
                + result.path("protocolVersion").asString("") + ", as "
                + server.credential().orElse("the configured credential");
    }

    /** Starts the command, says hello and returns the answer. */
    private static JsonNode ask(FoundHost.Server server) throws IOException {
        List<String> words = new ArrayList<>(List.of(server.launcher()));
        words.addAll(server.arguments());
        ProcessBuilder builder = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().keySet().removeIf(name -> !KEPT.contains(name));
        builder.environment().putAll(server.environment());
        Process process = builder.start();
        try (BufferedReader lines =
                        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
                OutputStream in = process.getOutputStream()) {
            in.write(hello().getBytes(StandardCharsets.UTF_8));
            in.flush();
            String line = firstLine(lines);
            return JsonMapper.shared().readTree(line);
        } catch (JacksonException e) {
            throw new IOException("the command does not answer with JSON", e);
        } finally {
            process.destroy();
        }
    }

    private static String firstLine(BufferedReader lines) throws IOException {
        CompletableFuture<String> line = CompletableFuture.supplyAsync(() -> {
            try {
                return String.valueOf(lines.readLine());
            } catch (IOException e) {
                return "null";
            }
        });
        try {
            String first = line.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (first.equals("null")) {
                throw new IOException("the command ends without an answer; start it in a terminal to see why");
            }
            return first;
        } catch (TimeoutException | ExecutionException e) {
            throw new IOException("the command gives no answer within " + PATIENCE_SECONDS + " seconds", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static String hello() {
        return "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
                + "\"capabilities\":{},\"clientInfo\":{\"name\":\"mcp-mtls-host-doctor\",\"version\":\""
                + Version.text() + "\"}}}\n";
    }

    void addTo(Table table) {
        table.row(
                new Table.Cell(isSound ? "ok" : "failed", isSound ? Style.GOOD : Style.BAD),
                host + (scope.equals("project") ? " (project)" : ""),
                server,
                evidence);
        if (!remedy.isEmpty()) {
            table.row("", "", "", new Table.Cell("-> " + remedy, Style.STRONG));
        }
    }

    Map<String, Object> asObject() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("host", host);
        object.put("scope", scope);
        object.put("server", server);
        object.put("status", isSound ? "ok" : "failed");
        object.put("evidence", evidence);
        object.put("remedy", remedy);
        return object;
    }
}
