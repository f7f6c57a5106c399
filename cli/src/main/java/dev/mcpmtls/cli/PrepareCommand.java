// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/**
 * Does in one process what users do in many, over a store of its own, so that a Java told to keep what it has loaded and
 * learned keeps what every command needs. The launcher starts it so; by itself it changes nothing.
 */
@Command(name = "prepare", description = "Uses every part once; the launcher keeps what Java learns.", hidden = true)
final class PrepareCommand implements Runnable {

    /** Enough for the classes; more would have a server compile at its start what only a busy one needs. */
    private static final int CALLS = 20;

    private static final String READY = "echo ready at ";
    private static final PrintStream NOWHERE =
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);

    @Override
    public void run() {
        Path directory = DemoCommand.temporary();
        try {
            use(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            DemoCommand.remove(directory);
        }
    }

    private static void use(Path directory) throws IOException {
        Path settings = directory.resolve("mcp-mtls.yaml");
        Files.writeString(settings, "servers: {echo: {listen: '127.0.0.1:0'}}\n");
        String store = directory.resolve("store").toString();
        run(NOWHERE, settings, "demo");
        run(NOWHERE, settings, "init", "--dir", store);
        run(NOWHERE, settings, "cert", "list", "--dir", store);
        PipedInputStream output = new PipedInputStream();
        PrintStream printed = new PrintStream(new PipedOutputStream(output), true, StandardCharsets.UTF_8);
        Thread server = new Thread(() -> run(printed, settings, "serve", "echo", "--dir", store), "serve");
        server.start();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            if (line != null && line.startsWith(READY)) {
                String url = line.substring(READY.length()).split(" ", 2)[0];
                for (int call = 0; call < CALLS; call++) {
                    run(NOWHERE, settings, "call", url, "echo", "text=hello", "--dir", store);
                }
                run(NOWHERE, settings, "tools", url, "--dir", store);
                run(NOWHERE, settings, "doctor", url, "--dir", store);
                run(NOWHERE, settings, "audit", "--dir", store);
            }
        } finally {
            server.interrupt();
            join(server);
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
