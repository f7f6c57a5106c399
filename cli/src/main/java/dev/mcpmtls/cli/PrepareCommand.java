// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.transport.client.Era;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import dev.mcpmtls.transport.tls.TlsProfile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Does what users do, over a store of its own, so that a Java told to keep what it has loaded keeps that. The launcher starts it so,
 * once for each part; by itself it changes nothing.
 */
@Command(name = "prepare", description = "Uses every part once; the launcher keeps what Java loads.", hidden = true)
final class PrepareCommand implements Runnable {

    /** What is used. */
    enum Part {
        /** Every command, in this process. */
        COMMANDS,
        /** A server and nothing else: what others load for it, other processes do. */
        SERVE,
        /** Calls to a server at an address with a credential, in each era: the other process of {@link #SERVE}. */
        CALLS
    }

    private static final int CALLS_EACH = 10;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String READY = "echo ready at ";
    private static final PrintStream NOWHERE =
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);

    @Parameters(index = "0", arity = "0..1", paramLabel = "PART")
    private Part part = Part.COMMANDS;

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "WORD")
    private List<String> words = List.of();

    @Override
    public void run() {
        if (part == Part.CALLS) {
            call(URI.create(words.get(0)), Path.of(words.get(1)));
            return;
        }
        Path directory = DemoCommand.temporary();
        try {
            Path settings = directory.resolve("mcp-mtls.yaml");
            Files.writeString(settings, "servers: {echo: {listen: '127.0.0.1:0'}}\n");
            if (part == Part.SERVE) {
                serveOthers(settings, directory.resolve("store"));
            } else {
                useCommands(settings, directory.resolve("store").toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            DemoCommand.remove(directory);
        }
    }

    private static void useCommands(Path settings, String store) throws IOException {
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

    private static void serveOthers(Path settings, Path store) throws IOException {
        inAnotherJava("init", "--dir", store.toString());
        String caller = store.resolve("credentials").resolve("coordinator").toString();
        withServer(settings, store.toString(), url -> inAnotherJava("prepare", "calls", url, caller));
    }

    private static void call(URI url, Path credential) {
        for (Era era : List.of(Era.MODERN, Era.LEGACY)) {
            MtlsClientTransport.Builder transport = MtlsClientTransport.builder(url)
                    .tls(TlsProfile.strict(credential))
                    .era(era);
            try (McpConnection connection = McpConnection.open(transport, PATIENCE)) {
                connection.tools();
                for (int call = 0; call < CALLS_EACH; call++) {
                    connection.call("echo", Map.of("text", "hello"));
                }
            }
        }
    }

    /** Serves echo, and stops when the user of its URL is done. */
    private static void withServer(Path settings, String store, Consumer<String> user) throws IOException {
        PipedInputStream output = new PipedInputStream();
        PrintStream printed = new PrintStream(new PipedOutputStream(output), true, StandardCharsets.UTF_8);
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

    private static void inAnotherJava(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Cli.class.getName()));
        command.addAll(List.of(arguments));
        try {
            new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static void run(PrintStream out, Path settings, String... words) {
        List<String> command = new ArrayList<>(List.of(words));
        command.add("--config");
        command.add(settings.toString());
        Cli.run(new Console(out, NOWHERE, false, false), Map.of(), command.toArray(String[]::new));
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
