// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.connect;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.bridge.remote.ServerWatch;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The host's side of a bridge: it sends lines and reads lines. */
final class Host implements AutoCloseable {

    static final String INITIALIZE =
            "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
                    + "\"capabilities\":{},\"clientInfo\":{\"name\":\"h\",\"version\":\"1\"}}}";
    static final String INITIALIZED = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}";

    final List<String> notices;

    private final Bridge bridge;
    private final OutputStream toBridge;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Thread running;

    private Host(Bridge bridge, List<String> notices) throws IOException {
        this.bridge = bridge;
        this.notices = notices;
        Pipe requests = Pipe.open();
        Pipe answers = Pipe.open();
        toBridge = Channels.newOutputStream(requests.sink());
        InputStream in = Channels.newInputStream(requests.source());
        OutputStream out = Channels.newOutputStream(answers.sink());
        InputStream read = Channels.newInputStream(answers.source());
        running = new Thread(() -> bridge.run(in, out), "bridge-run");
        running.setDaemon(true);
        running.start();
        Thread reader = new Thread(
                () -> new BufferedReader(new InputStreamReader(read, StandardCharsets.UTF_8))
                        .lines()
                        .forEach(lines::add),
                "host-reads");
        reader.setDaemon(true);
        reader.start();
    }

    static Host of(URI server, Issued own, ThrowawayCa trusted, Path directory) throws IOException {
        List<String> notices = new CopyOnWriteArrayList<>();
        Path written = own.writeTo(directory, trusted.certificate());
        return of(server, CredentialSource.fixed(Credential.load(written)), written, notices);
    }

    static Host of(URI server, CredentialSource credentials, Path directory, List<String> notices) throws IOException {
        ServerWatch watch = new ServerWatch(AuditSink.none());
        ChainVerifier verifier = new ChainVerifier(
                TrustPolicy.strict(TrustAnchors.load(directory.resolve(TrustAnchors.FILE))), InstantSource.system());
        TlsProfile tls = TlsProfile.builder(credentials, verifier)
                .engine(TlsEngine.JDK)
                .audit(watch)
                .build();
        return new Host(new Bridge(server, tls, watch, notices::add), notices);
    }

    void send(String... messages) throws IOException {
        for (String message : messages) {
            toBridge.write((message + "\n").getBytes(StandardCharsets.UTF_8));
        }
        toBridge.flush();
    }

    /** The next line; fails after ten seconds. */
    String next() throws InterruptedException {
        String line = lines.poll(10, TimeUnit.SECONDS);
        if (line == null) {
            throw new AssertionError("the bridge says nothing; " + notices);
        }
        return line;
    }

    boolean isQuiet() {
        return lines.isEmpty();
    }

    void closeItsSide() throws IOException {
        toBridge.close();
    }

    /** Closes this side, and waits until the bridge has ended. */
    void end() throws IOException, InterruptedException {
        closeItsSide();
        running.join(20_000);
        if (running.isAlive()) {
            throw new AssertionError("the bridge goes on");
        }
    }

    @Override
    public void close() {
        bridge.close();
    }
}
