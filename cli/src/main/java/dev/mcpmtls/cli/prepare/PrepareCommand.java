// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.prepare;

import dev.mcpmtls.cli.client.SdkConnection;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.TemporaryDirectory;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.client.Era;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Does what users do, over a store of its own, so that a Java told to keep what it has loaded and learned keeps that. The launcher starts it so,
 * once for each part; by itself it changes nothing.
 */
@Command(
        name = "prepare",
        description = "Runs every part once and caches the loaded classes, so that later starts are faster.",
        hidden = true)
public final class PrepareCommand implements Runnable {

    /** The command line, which is used from here as users do. */
    @FunctionalInterface
    public interface Program {
        int run(Console console, Map<String, String> environment, String... arguments);
    }

    /** The part that is used. */
    enum Part {
        /** Every command, in this process. */
        COMMANDS,
        /** A server and nothing else: all of an AOT cache becomes resident. */
        SERVE,
        /** The bridge of a host, and the call that needs the same, and nothing else: a person waits for them, and there may be many. */
        CONNECT,
        /** Calls to a server at an address with a credential, in each era: the other process of {@link #SERVE}. */
        CALLS
    }

    /** Enough to load every class of a call. */
    private static final int CALLS = 10;

    /** The first start begins an audit log, all others go on with one. */
    private static final int STARTS = 2;

    private static final int CALLERS = 8;
    private static final int HANDSHAKES = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String READY = "echo ready at ";
    private static final OutputStream NOWHERE = OutputStream.nullOutputStream();

    private static final String HOSTS_WORDS = """
        {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},\
        "clientInfo":{"name":"prepare","version":"1"}}}
        {"jsonrpc":"2.0","method":"notifications/initialized"}
        {"jsonrpc":"2.0","id":2,"method":"tools/list"}
        {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hello"}}}
        {"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hello"},"_meta":{\
        "io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}
        """;

    private final Program program;
    private final String mainClass;

    @Parameters(index = "0", arity = "0..1", paramLabel = "PART")
    private Part part = Part.COMMANDS;

    @Option(names = "--calls", paramLabel = "N", description = "how often each caller calls in each era")
    private int calls = CALLS;

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "WORD")
    private List<String> words = List.of();

    /**
     * Uses a program.
     *
     * @param mainClass the same program, for a process of its own
     */
    public PrepareCommand(Program program, String mainClass) {
        this.program = program;
        this.mainClass = mainClass;
    }

    /** Prepares servers or bridges; empty for other words. */
    public Optional<Runnable> part(String word) {
        return Stream.of(Part.SERVE, Part.CONNECT)
                .filter(one -> one.name().equalsIgnoreCase(word))
                .findFirst()
                .map(one -> {
                    part = one;
                    return this;
                });
    }

    @Override
    public void run() {
        if (part == Part.CALLS) {
            call(URI.create(words.get(0)), Path.of(words.get(1)), calls);
            return;
        }
        try (TemporaryDirectory temporary = TemporaryDirectory.make()) {
            Path directory = temporary.path();
            Path settings = directory.resolve("mcp-mtls.yaml");
            Files.writeString(settings, "servers: {echo: {listen: '127.0.0.1:0'}}\n");
            if (part == Part.CONNECT) {
                connect(settings, directory.resolve("store").toString());
            } else if (part == Part.SERVE) {
                serveOthers(settings, directory.resolve("store"));
            } else {
                useCommands(settings, directory.resolve("store").toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void useCommands(Path settings, String store) throws IOException {
        run(NOWHERE, settings, "demo");
        run(NOWHERE, settings, "init", "--dir", store);
        run(NOWHERE, settings, "cert", "list", "--dir", store);
        withServer(settings, store, url -> {
            run(NOWHERE, settings, "call", url, "echo", "text=hello", "--dir", store);
            run(NOWHERE, settings, "tools", url, "--dir", store);
            run(NOWHERE, settings, "doctor", url, "--dir", store);
            run(NOWHERE, settings, "audit", "--dir", store);
        });
    }

    private void serveOthers(Path settings, Path store) throws IOException {
        inAnotherJava("init", "--dir", store.toString());
        String caller = store.resolve("credentials").resolve("coordinator").toString();
        withServer(
                settings,
                store.toString(),
                url -> inAnotherJava("prepare", "calls", url, caller, "--calls", Integer.toString(calls)));
    }

    /** Says the words of a host in both eras to a server in another process. */
    private void connect(Path settings, String store) throws IOException {
        inAnotherJava("init", "--dir", store);
        Process server = new ProcessBuilder(java("serve", "echo", "--dir", store, "--config", settings.toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            String line = String.valueOf(lines.readLine());
            if (line.startsWith(READY)) {
                String url = line.substring(READY.length()).split(" ", 2)[0];
                for (int start = 0; start < STARTS; start++) {
                    InputStream words = new ByteArrayInputStream(HOSTS_WORDS.getBytes(StandardCharsets.UTF_8));
                    run(new Console(words, NOWHERE, NOWHERE), settings, "connect", url, "--dir", store);
                    run(NOWHERE, settings, "call", url, "echo", "text=hello", "--dir", store);
                }
            }
        } finally {
            server.destroy();
        }
    }

    private static void call(URI url, Path credential, int calls) {
        for (Era era : List.of(Era.LEGACY, Era.MODERN)) {
            for (int handshake = 0; handshake < HANDSHAKES; handshake++) {
                new Http1Caller(url, credential).call(era, 1);
            }
            List<Thread> callers = Stream.generate(() -> new Http1Caller(url, credential))
                    .limit(CALLERS)
                    .map(caller -> new Thread(() -> caller.call(era, calls)))
                    .toList();
            callers.forEach(Thread::start);
            callers.forEach(PrepareCommand::join);
            callOverHttp2(url, credential, era);
        }
    }

    private static void callOverHttp2(URI url, Path credential, Era era) {
        MtlsClientTransport.Builder transport = MtlsClientTransport.builder(url)
                .tls(TlsProfile.strict(credential))
                .era(era);
        try (SdkConnection connection = SdkConnection.open(transport, PATIENCE)) {
            connection.tools();
            connection.call("echo", Map.of("text", "hello"));
        }
    }

    /** Serves echo, and stops when the user of its URL is done. */
    private void withServer(Path settings, String store, Consumer<String> user) throws IOException {
        PipedInputStream output = new PipedInputStream();
        OutputStream printed = new PipedOutputStream(output);
        Thread server = new Thread(() -> run(printed, settings, "serve", "echo", "--dir", store), "serve");
        server.start();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            if (line != null && line.startsWith(READY)) {
                user.accept(line.substring(READY.length()).split(" ", 2)[0]);
            }
        } finally {
            server.interrupt();
            join(server);
        }
    }

    private List<String> java(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djdk.httpclient.receiveBufferSize=16384", // so that the server meets clients that read slowly
                "-cp",
                System.getProperty("java.class.path"),
                mainClass));
        command.addAll(List.of(arguments));
        return command;
    }

    private void inAnotherJava(String... arguments) {
        try {
            int exit = new ProcessBuilder(java(arguments))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            if (exit != ExitCode.DONE.number()) {
                throw new IllegalStateException(String.join(" ", arguments) + " ended with " + exit);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(OutputStream out, Path settings, String... words) {
        run(new Console(out, NOWHERE, false, false), settings, words);
    }

    private void run(Console console, Path settings, String... words) {
        List<String> command = new ArrayList<>(List.of(words));
        command.add("--config");
        command.add(settings.toString());
        program.run(console, Map.of(), command.toArray(String[]::new));
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
